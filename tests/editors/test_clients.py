"""The server and what recorded clients can take (pytest-lsp brings their capabilities and checks answers against them)."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

CLIENTS = [
    "visual_studio_code_v1.65.2",
    "neovim_v0.6.1",
    "neovim_v0.7.0",
    "neovim_v0.8.0",
    "neovim_v0.9.1",
    "neovim_v0.10.0",
    "neovim_v0.11.0",
    "emacs_v29.1",
]
EXAMPLE = Path(os.environ["AMBIT_ROOT"]) / "examples" / "sales"
SERVER = [os.environ["AMBIT_SERVER"], "--stdio"]
pytestmark = [
    pytest.mark.asyncio,
    # An answer that the client cannot take is a mistake, not a remark.
    pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning"),
]


def capabilities(name: str) -> lsp.ClientCapabilities:
    client, _, version = name.rpartition("_v")
    return client_capabilities(f"{client}@{version}".replace("_", "-"))


def answer_as_clients_do(client: LanguageClient) -> None:
    """What a client is asked, if it said that it can be."""

    @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def register(params: lsp.RegistrationParams) -> None:
        for one in params.registrations:
            assert one.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, one
            watched = client.capabilities.workspace.did_change_watched_files
            assert watched is not None and watched.dynamic_registration, one

    def refresh(method: str, can) -> None:
        @client.feature(method)
        def answer(*_) -> None:
            asked = can(client.capabilities.workspace)
            assert asked is not None and asked.refresh_support, method

    refresh(lsp.WORKSPACE_CODE_LENS_REFRESH, lambda workspace: workspace.code_lens)
    refresh(lsp.WORKSPACE_INLAY_HINT_REFRESH, lambda workspace: workspace.inlay_hint)
    refresh(lsp.WORKSPACE_SEMANTIC_TOKENS_REFRESH, lambda workspace: workspace.semantic_tokens)


@pytest_lsp.fixture(params=CLIENTS, config=ClientServerConfig(server_command=SERVER))
async def client(request, lsp_client: LanguageClient, tmp_path):
    folder = tmp_path / "sales"
    shutil.copytree(EXAMPLE, folder)
    lsp_client.folder = folder
    answer_as_clients_do(lsp_client)
    lsp_client.server = await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=capabilities(request.param),
            root_uri=folder.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder(uri=folder.as_uri(), name="sales")],
        )
    )
    yield
    await lsp_client.shutdown_session()


def open_policy(client: LanguageClient, more: str = "") -> tuple[str, str]:
    path = client.folder / "policy.ambit"
    text = path.read_text(encoding="utf-8") + more
    client.text_document_did_open(
        lsp.DidOpenTextDocumentParams(
            lsp.TextDocumentItem(uri=path.as_uri(), language_id="ambit", version=1, text=text)
        )
    )
    return path.as_uri(), text


def place(text: str, piece: str) -> lsp.Position:
    """The first letter of a piece of an ASCII text."""
    before = text[: text.index(piece)]
    return lsp.Position(line=before.count("\n"), character=len(before) - before.rfind("\n") - 1)


async def problems(client: LanguageClient, uri: str, wanted: bool) -> list[lsp.Diagnostic]:
    """What the client has been told, or is told when it asks."""
    options = client.server.capabilities.diagnostic_provider
    for _ in range(400):
        if options is not None:
            report = await client.text_document_diagnostic_async(
                lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri))
            )
            found = list(getattr(report, "items", []))
        else:
            found = list(client.diagnostics.get(uri, []))
        errors = [one for one in found if one.severity == lsp.DiagnosticSeverity.Error]
        if bool(errors) == wanted:
            return errors
        await asyncio.sleep(0.05)
    raise AssertionError(f"diagnostics, wanted {wanted}")


async def test_the_handshake_offers_what_the_client_can_take(client: LanguageClient):
    server = client.server
    offered = server.capabilities
    assert server.server_info is not None and server.server_info.name == "ambit-lsp"
    can = client.capabilities
    encodings = (can.general.position_encodings if can.general else None) or [lsp.PositionEncodingKind.Utf16]
    assert (offered.position_encoding or lsp.PositionEncodingKind.Utf16) in encodings
    if can.text_document.diagnostic is None:
        assert offered.diagnostic_provider is None, "it would wait for diagnostics that nobody asks for"
    if can.text_document.rename is None or not can.text_document.rename.prepare_support:
        assert not isinstance(offered.rename_provider, lsp.RenameOptions), "only for who can prepare a rename"
    for name in ["hover", "completion", "definition", "references", "rename", "document_formatting"]:
        assert getattr(offered, f"{name}_provider"), name


async def test_diagnostics_come_and_go(client: LanguageClient):
    uri, text = open_policy(client, "for managers { grant read on sale }\n")
    (problem,) = await problems(client, uri, True)
    assert problem.code == "E0201" and problem.source == "ambit"
    assert problem.range.start == place(text, "sale }")
    can = client.capabilities.text_document.publish_diagnostics
    if can is None or not can.related_information:
        assert not problem.related_information
    if can is None or not can.code_description_support:
        assert problem.code_description is None
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(uri=uri, version=2),
            [lsp.TextDocumentContentChangePartial(lsp.Range(problem.range.end, problem.range.end), "s")],
        )
    )
    await problems(client, uri, False)


async def test_hover_is_of_a_kind_that_the_client_shows(client: LanguageClient):
    uri, text = open_policy(client)
    hover = await client.text_document_hover_async(
        lsp.HoverParams(lsp.TextDocumentIdentifier(uri), place(text, "salespeople as"))
    )
    assert isinstance(hover.contents, lsp.MarkupContent) and "salespeople" in hover.contents.value
    formats = client.capabilities.text_document.hover.content_format or []
    assert hover.contents.kind in formats or hover.contents.kind == lsp.MarkupKind.PlainText


async def test_completion_is_of_a_kind_that_the_client_inserts(client: LanguageClient):
    uri, text = open_policy(client)
    answer = await client.text_document_completion_async(
        lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), place(text, "sales, deal_contacts"))
    )
    items = answer.items if isinstance(answer, lsp.CompletionList) else answer
    assert {"sales", "deal_contacts"} <= {item.label for item in items}
    can = client.capabilities.text_document.completion.completion_item
    for item in items:
        if not (can and can.snippet_support):
            assert item.insert_text_format != lsp.InsertTextFormat.Snippet, item
        if isinstance(item.text_edit, lsp.InsertReplaceEdit):
            assert can and can.insert_replace_support, item


async def test_rename_and_actions_are_edits_that_the_client_applies(client: LanguageClient):
    uri, text = open_policy(client, "for managers { grant read on sale }\n")
    (problem,) = await problems(client, uri, True)
    can = client.capabilities.workspace.workspace_edit
    edit = await client.text_document_rename_async(
        lsp.RenameParams(lsp.TextDocumentIdentifier(uri), place(text, "salespeople as"), "sellers")
    )
    assert check_edit(can, edit) == {"policy.ambit", "policy_test.ambit"}
    actions = await client.text_document_code_action_async(
        lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(uri), problem.range, lsp.CodeActionContext(diagnostics=[problem])
        )
    )
    assert actions
    literals = client.capabilities.text_document.code_action.code_action_literal_support
    for action in actions:
        if literals is None:
            assert isinstance(action, lsp.Command), action
        elif isinstance(action, lsp.CodeAction) and action.edit is not None:
            check_edit(can, action.edit)


def check_edit(can: lsp.WorkspaceEditClientCapabilities | None, edit: lsp.WorkspaceEdit) -> set[str]:
    """The names of the files that it touches."""
    if edit.document_changes is not None:
        assert can is not None and can.document_changes, "versioned edits"
        for change in edit.document_changes:
            assert isinstance(change, lsp.TextDocumentEdit), change
        return {Path(change.text_document.uri).name for change in edit.document_changes}
    assert edit.changes
    return {Path(name).name for name in edit.changes}
