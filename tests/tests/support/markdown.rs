//! Pages of Markdown: headings, and the fenced blocks below each.

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands after the opening fence: `ambit`, `text diagnostics`.
    pub info: String,
    /// The name in a line `file: name` just above the block.
    pub file: Option<String>,
    /// The text between the fences; each line ends in a line end.
    pub text: String,
    /// The line of its first line of text in the page, from 1.
    pub line: u32,
}

/// What stands below one heading, up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The headings from the top of the page to this one.
    pub path: Vec<String>,
    /// The line of the heading, from 1.
    pub line: u32,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// The place of the section above it, in the list of sections.
    pub parent: Option<usize>,
}

/// The sections of a page in their order. Text above the first heading belongs to none.
pub fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    // The sections that enclose the line at hand, with their levels.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut last = "";
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let mut text = String::new();
            for (_, line) in lines
                .by_ref()
                .take_while(|(_, line)| !line.starts_with("```"))
            {
                text.push_str(line);
                text.push('\n');
            }
            let file = last
                .strip_prefix("file: ")
                .map(|name| name.trim().trim_matches('`').to_owned());
            if let Some(section) = sections.last_mut() {
                section.blocks.push(Block {
                    info: info.trim().to_owned(),
                    file,
                    text,
                    line: index as u32 + 2,
                });
            }
            last = "";
            continue;
        }
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if level > 0 && line.as_bytes().get(level) == Some(&b' ') {
            open.retain(|(_, l)| *l < level);
            let parent = open.last().map(|(at, _)| *at);
            let mut path = parent.map_or_else(Vec::new, |at| sections[at].path.clone());
            path.push(line[level..].trim().to_owned());
            open.push((sections.len(), level));
            sections.push(Section {
                path,
                line: index as u32 + 1,
                blocks: Vec::new(),
                parent,
            });
        }
        if !line.trim().is_empty() {
            last = line.trim();
        }
    }
    sections
}

#[test]
fn sections_and_blocks() {
    let page = "# A\nfile: x.ambit\n\n```ambit\nrole r\n```\n## B\n```text diagnostics\n```\n# C\n";
    let found = sections(page);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].blocks[0].file.as_deref(), Some("x.ambit"));
    assert_eq!(
        (found[0].blocks[0].text.as_str(), found[0].blocks[0].line),
        ("role r\n", 5)
    );
    assert_eq!(
        (found[1].path.join("/").as_str(), found[1].parent),
        ("A/B", Some(0))
    );
    assert_eq!(found[1].blocks[0].info, "text diagnostics");
    assert_eq!((found[2].path.len(), found[2].parent), (1, None));
}
