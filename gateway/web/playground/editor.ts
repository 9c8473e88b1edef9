// The editor: CodeMirror in a shadow root, where it styles itself with constructed sheets. In the document itself it
// would need style elements, which the page's Content-Security-Policy forbids.

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
    Decoration,
    DecorationSet,
    drawSelection,
    EditorView,
    highlightActiveLine,
    highlightActiveLineGutter,
    keymap,
    lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface Editor {
    text(): string;
    /** As an edit, so that it can be undone. */
    replace(text: string): void;
    /** Put the cursor on a line, counted from 1, and mark it until the next edit. */
    goTo(line: number): void;
    focus(): void;
}

/** `grows`: the editor is as tall as its text, and has no line numbers; else it fills its host. */
interface Options {
    label: string;
    grows?: boolean;
    onChange: () => void;
}

// Colours are the page's custom properties, which shadow roots inherit: one theme serves light and dark.
const theme = EditorView.theme({
    "&": { fontSize: "var(--code-size)", color: "var(--ink)", backgroundColor: "transparent" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overflow: "auto" },
    ".cm-content": { padding: "0.75rem 0", caretColor: "var(--accent)" },
    ".cm-line": { padding: "0 1rem 0 0.5rem" },
    ".cm-cursor": { borderLeft: "2px solid var(--accent)" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
    ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.5rem 0 1rem", minWidth: "2.75rem" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line-tint)" },
    "&:not(.cm-focused) .cm-activeLine, &:not(.cm-focused) .cm-activeLineGutter": { backgroundColor: "transparent" },
    ".cm-activeLineGutter": { color: "var(--muted)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
        backgroundColor: "var(--selection)",
    },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", color: "inherit" },
    "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--error-tint)", color: "inherit" },
    ".cm-marked, &:not(.cm-focused) .cm-marked": { backgroundColor: "var(--error-tint)" },
});

const filling = EditorView.theme({ "&": { height: "100%" } });
const growing = EditorView.theme({ ".cm-content": { padding: "0.5rem 0" }, ".cm-line": { padding: "0 0.75rem" } });

const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
    { tag: [tags.comment, tags.lineComment], color: "var(--code-comment)", fontStyle: "italic" },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
    { tag: [tags.definition(tags.variableName), tags.className, tags.meta], color: "var(--code-name)" },
    { tag: tags.invalid, color: "var(--error)" },
]);

const mark = StateEffect.define<number>();
const marked = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(decorations, transaction) {
        if (transaction.docChanged) return Decoration.none;
        for (const effect of transaction.effects)
            if (effect.is(mark)) return Decoration.set(Decoration.line({ class: "cm-marked" }).range(effect.value));
        return decorations;
    },
    provide: (field) => EditorView.decorations.from(field),
});

export function createEditor(host: HTMLElement, options: Options): Editor {
    const root = host.attachShadow({ mode: "open" });
    const view = new EditorView({
        parent: root,
        root,
        state: EditorState.create({ extensions: extensions(options) }),
    });
    return {
        text: () => view.state.doc.toString(),
        replace: (text) =>
            view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } }),
        goTo(line) {
            const from = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines)).from;
            view.dispatch({
                selection: { anchor: from },
                effects: [mark.of(from), EditorView.scrollIntoView(from, { y: "center" })],
            });
            view.focus();
        },
        focus: () => view.focus(),
    };
}

function extensions({ label, grows, onChange }: Options) {
    return [
        grows ? growing : [filling, lineNumbers(), highlightActiveLineGutter()],
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        python(),
        syntaxHighlighting(colours),
        theme,
        marked,
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.contentAttributes.of({
            "aria-label": label,
            tabindex: "0",
            autocapitalize: "off",
            spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
            if (update.docChanged) onChange();
        }),
    ];
}
