// The keyboard, as notebooks have it. In edit mode an editor has the focus; in command mode the cell itself has it, and
// single keys are commands. Such keys mean nothing anywhere else.

import { CellView } from "./cell";
import { CellList } from "./list";

/** A key that has to be pressed twice counts only if both come within this time. */
const TWICE_MS = 1000;

export interface Commands {
    run(cell: CellView): void;
    interrupt(): void;
    restart(): void;
    help(): void;
}

export function wireKeys(host: HTMLElement, list: CellList, commands: Commands): void {
    const single = singleKeys(list, commands);
    const twice = twiceKeys(list, commands);
    let last = { key: "", at: 0 };
    const command = (event: KeyboardEvent) => {
        const { key, timeStamp: at } = event;
        const action = single[key] ?? (twice[key] && last.key === key && at - last.at < TWICE_MS ? twice[key] : undefined);
        last = action || event.repeat ? { key: "", at } : { key, at };
        if (!action && !twice[key]) return;
        event.preventDefault();
        if (action && !(event.repeat && !MOVES.has(key))) action();
    };
    host.addEventListener(
        "keydown",
        (event) => {
            const { selected } = list;
            if (!selected || event.isComposing) return;
            const isRun = event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey);
            if (isRun) return runKey(event, selected, list, commands);
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            if (event.target === selected.element) command(event);
            else if (event.key === "Escape") {
                event.preventDefault();
                event.stopPropagation();
                selected.focus();
            }
        },
        { capture: true },
    );
}

const MOVES = new Set(["ArrowUp", "ArrowDown", "j", "k"]);

/** Shift: to the next cell. Ctrl: stay. Alt: to a new cell below. */
function runKey(event: KeyboardEvent, cell: CellView, list: CellList, commands: Commands): void {
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    commands.run(cell);
    if (event.altKey) list.insert(list.indexOf(cell) + 1).edit();
    else if (event.shiftKey) list.advance(cell);
    else cell.focus();
}

function singleKeys(list: CellList, commands: Commands): Record<string, () => void> {
    return {
        Enter: () => list.selected?.edit(),
        ArrowUp: () => list.step(-1),
        k: () => list.step(-1),
        ArrowDown: () => list.step(1),
        j: () => list.step(1),
        a: () => list.insertBeside(0),
        b: () => list.insertBeside(1),
        z: () => list.undoRemove(),
        "?": () => commands.help(),
    };
}

function twiceKeys(list: CellList, commands: Commands): Record<string, () => void> {
    return {
        d: () => list.selected && list.remove(list.selected),
        i: () => commands.interrupt(),
        "0": () => commands.restart(),
    };
}
