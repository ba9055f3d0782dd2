"""Decides the cases of `ambit eval` by a policy.json and nothing else (see docs/targets/json.md, docs/language.md):
enforcer.py policy.json < cases.jsonl > answers.jsonl"""
import datetime, decimal, json, operator, re, sys, time, zoneinfo

FALSE, UNKNOWN, TRUE = 0, 1, 2  # `and` is the least, `or` the greatest, `not` turns them around
ABSENT = (None, STRAY := object())  # STRAY: outside its enum, or unreadable; not null, but every test of it is unknown
TESTS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
         "starts_with": str.startswith, "ends_with": str.endswith, "contains": operator.contains}

def scope(entries):
    """The (level, member) pairs of a scope, given as text or taken apart. What is no name counts as a wildcard."""
    if isinstance(entries, str):
        name = lambda text: text.strip(" \t") if text.strip(" \t") and not set(text) & set("=<>[]+") else "*"
        parts = [part.partition("=") for part in entries.split("|") if entries.strip(" \t")]
        parts = [(level.removesuffix("&"), text.strip(" \t")) for level, _, text in parts]
        split = lambda text: text[1:-1].split("+") if text[:1] + text[-1:] == "[]" else [text]
        entries = [(name(level), "=", [name(member) for member in split(text)]) for level, text in parts]
    pairs = [("*" if "<" in op else level, member) for level, op, members in entries for member in members]
    return STRAY if any(not isinstance(n, str) or "*" in n for pair in pairs for n in pair) else pairs

def in_scope(mode, levels, pairs):
    wanted = {(level["level"], member) for level in levels for member in level["members"] or [None]}  # None: any
    there, fit = {*pairs, *((level, None) for level, _ in pairs)}, [wanted & {p, (p[0], None)} for p in pairs]
    return {"match_all": fit and all(fit) and wanted <= there, "match_any": fit and all(fit),
            "contains_all": wanted <= there, "contains_any": any(fit)}[mode]

def in_window(window, day, today, policy):  # windows are whole periods, counted from that of today
    unit, count, monday = window["unit"], window["count"], policy["project"]["week_start"] == "monday"
    months, days = {"month": 1, "quarter": 3, "year": 12}.get(unit), {"week": 7}.get(unit, 1)
    number = lambda d: (d.year * 12 + d.month - 1) // months if months else (d.toordinal() - monday) // days
    ahead = number(day) - number(today)
    return {"last": -count <= ahead < 0, "last_to_today": -count <= ahead and day <= today, "this": ahead == 0,
            "next": 0 < ahead <= count, "next_from_today": today <= day and ahead <= count}[window["kind"]]

def decide(policy, question):
    """The answer to a question. A place (`at`) is a table with a row of it; None where there is no row."""
    schema, people, zone = policy["schema"], policy["principals"], zoneinfo.ZoneInfo(policy["project"]["timezone"])
    told = question["user"] if isinstance(question.get("user"), dict) else {}  # the user of a witness
    question = {**question, **told, "user": told.get("name")} if told else question
    ask, tables, table, thing = question.get, schema["tables"], question.get("table"), question.get("object")
    now, action = ask("at") or time.strftime("%FT%TZ", time.gmtime()), ask("action") or "read"
    home = ask("source") or [*tables[table]["sources"], None][0] if table else schema["objects"][thing]["source"]
    login_in = lambda p, source: people[p]["logins"].get(source, people[p]["logins"].get("*"))
    owner = lambda login, source: next((p for p in people if login is not None and login_in(p, source) == login), None)
    known = None if "logins" in told else ask("user") if ask("user") in people else owner(ask("user"), home)
    named = [p for p in [known, *(ask("principals") or [])] if p in people]
    user = known or next((p for p in named if people[p]["kind"] == "user"), None)
    person = people.get(user, {"attributes": {}})
    facts = {**(ask("attributes") or {}), **person["attributes"]}  # what is written at a user wins
    has, q = {p for one in named for p in people[one]["closure"]}, {table, *(ask("query") or [])} - {None}
    for both in policy["exclusive"]:  # whoever has two of these is no user
        if len(has & {*both}) > 1: return {"error": f"no user has two of {both}: they exclude one another"}
    held_by = lambda who: who["principal"] in has if "principal" in who else has.isdisjoint(who["everyone_except"])
    touches = lambda when, of: {"always": True, "all": q >= {*of}, "any": q & {*of}, "unless_only": q - {*of}}[when]
    rules = [rule for rule in policy["rules"] if held_by(rule["holder"]) and touches(**rule["applies"])]
    def value(raw, kind=None):  # as Python compares it; the type of its column, or else its tag, says what it is
        if isinstance(raw, dict): [(tag, raw)], kind = raw.items(), kind or next(iter(raw))
        if raw is None: return None
        match kind:
            case "int" | "decimal": return (int if kind == "int" else decimal.Decimal)(raw)
            case "date": return datetime.date.fromisoformat(raw)
            case "timestamp": return datetime.datetime.fromisoformat(raw), re.search(r"(\d*?)0*(Z|.\d\d:..)$", raw)[1]
            case {"enum": enum}: return raw if raw in schema["enums"][enum] else STRAY
            case {"scope": _}: return scope(raw)
            case "set" | {"set": _}: return [value(element, kind != "set" and kind["set"]) for element in raw]
        return raw
    def day(value):  # no zone leads out of the calendar
        if not isinstance(value, tuple): return value
        try: return value[0].astimezone(zone).date()
        except OverflowError: return datetime.date.max if value[0].year > 1 else datetime.date.min
    def source(at): return home if not at or home in tables[at[0]]["sources"] else [*tables[at[0]]["sources"], None][0]
    def rows(of, column, wanted):
        places = [(of, row) for row in (ask("related") or {}).get(of, [])]
        return [place for place in places if wanted not in ABSENT and cell(place, column) == wanted]
    def cell(at, column):
        if at is None: return None
        declared, raw = tables[at[0]]["columns"][column], at[1].get(column)
        kept = declared["stored"] or {"as": None}  # a scope may be kept as rows of another table
        if raw is None and kept["as"] == "rows" and (key := cell(at, kept["key"])) not in ABSENT:
            parts = rows(kept["table"], kept["id"], key)
            raw = {"scope": [(cell(part, kept["level"]), "=", [cell(part, kept["member"])]) for part in parts]}
        return value(raw, declared["type"])
    def follow(path, at):
        for step in path: at = next(iter(rows(step["to"], step["key"], cell(at, step["column"]))), None)
        return at
    def read(operand, at):
        match operand["read"]:
            case "const": return value(operand["value"])
            case "today": return day(value(now, "date" if len(now) == 10 else "timestamp"))
            case "day": return day(read(operand["of"], at))
            case "login" if user: return login_in(user, source(at))
            case "login" if "logins" in told: return told["logins"].get(source(at) or "")
            case "login": return None if owner(ask("user"), source(at)) else ask("user")  # no two users have one login
            case "attribute": return value(facts.get(operand["name"]), schema["attributes"][operand["name"]]["type"])
            case "column": return cell(follow(operand["path"], at), operand["column"])
    def truth(node, at):
        values = [read(node[part], at) for part in ("operand", "left", "right", "set") if part in node]
        match node["node"]:
            case "const": return TRUE if node["value"] else FALSE
            case "not": return TRUE - truth(node["of"], at)
            case "and" | "or" as word: return {"and": min, "or": max}[word](truth(part, at) for part in node["of"])
            case "is_null": return TRUE if values[0] is None else FALSE
            case "link_visible": return visible(follow(node["path"], at))
            case "exists":
                found = rows(node["table"], node["other"], own := cell(follow(node["path"], at), node["own"]))
                each = [min(truth(node["where"], r), visible(r) if node["visible"] else TRUE) for r in found]
                return UNKNOWN if own in ABSENT else max(each, default=FALSE)
            case _ if None in values or STRAY in values: return UNKNOWN
            case "in": return max([FALSE, *(UNKNOWN if v is STRAY else TRUE * (v == values[0]) for v in values[1])])
            case "compare": held = TESTS[node["op"]](*values)
            case "in_window": held = in_window(node["window"], values[0], read({"read": "today"}, at), policy)
            case "scope": held = in_scope(node["mode"], node["levels"], values[0])
        return TRUE if held else FALSE
    def visible(at): return UNKNOWN if at is None else TRUE if lines(at[0], "read", at) == TRUE else FALSE
    def lines(name, action, at):
        """The least of the three lines; who bypasses a source has everything there."""
        if any(source(at) in people[p]["bypasses"] for p in has): return TRUE
        groups = {"grant": TRUE if action == "read" and tables.get(name, {}).get("open") else FALSE}
        for number, rule in enumerate(r for r in rules if name in r["resource"].values() and action in r["actions"]):
            effect, held = rule["effect"], truth(rule["condition"], at)
            group = effect if effect == "grant" else str(rule.get("by") or number)  # one true is enough in a group
            groups[group] = max(groups.get(group, FALSE), TRUE - held if effect == "deny" else held)
        return min(groups.values())
    old, new = [(table, question[key]) if ask(key) is not None else None for key in ("row", "new")]
    parts = {"update": [("update", old), ("update", new), ("read", old)], "delete": [("delete", old), ("read", old)]}
    result = min(lines(table or thing, act, at) for act, at in parts.get(action, [(action, old or new)]))
    return {"decision": "allow" if result == TRUE else "deny", "value": ("false", "unknown", "true")[result]}

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file: whole = json.load(file)
    if whole["project"]["timezone"] not in zoneinfo.available_timezones(): sys.exit("no time zones: install tzdata")
    for line in sys.stdin: print(json.dumps(decide(whole, json.loads(line))))
