// The list of cells: their order, which of them is selected, and what was deleted.

import { CellEvents, CellView } from "./cell";
import { randomId } from "./api";
import { CellData, emptyCell } from "./model";

const ID_BYTES = 4;

export interface ListEvents {
    changed(): void;
    run(cell: CellView): void;
    /** A cell has left the list. */
    removed(cell: CellView): void;
}

export class CellList {
    readonly #host: HTMLElement;
    readonly #events: ListEvents;
    #cells: CellView[] = [];
    #selected: CellView | undefined;
    #deleted: { data: CellData; at: number }[] = [];

    constructor(host: HTMLElement, events: ListEvents) {
        this.#host = host;
        this.#events = events;
        host.addEventListener("focusin", ({ target }) => {
            if (target === host) this.#selected?.focus();
            const cell = this.#cells.find(({ element }) => element.contains(target as Node));
            if (cell) this.#select(cell);
        });
        host.addEventListener("click", ({ target }) => this.#clicked(target as Element));
    }

    get cells(): readonly CellView[] {
        return this.#cells;
    }

    get selected(): CellView | undefined {
        return this.#selected;
    }

    /** Replace all cells. */
    fill(cells: CellData[]): void {
        this.#cells = cells.map((data) => this.#view(data));
        this.#host.replaceChildren(...this.#cells.map(({ element }) => element));
        this.#deleted = [];
        this.#renumber();
        this.#select(this.#cells[0]!);
    }

    insert(at: number, data = emptyCell(randomId(ID_BYTES))): CellView {
        const cell = this.#view(data);
        this.#host.insertBefore(cell.element, this.#cells[at]?.element ?? null);
        this.#cells.splice(at, 0, cell);
        this.#renumber();
        return cell;
    }

    /** Insert a cell above (0) or below (1) the selected one, and focus it. */
    insertBeside(below: 0 | 1): void {
        this.insert(this.indexOf(this.#selected) + below).focus();
    }

    /** The last cell that is left is emptied instead. */
    remove(cell: CellView): void {
        if (cell.isActive) return;
        const at = this.indexOf(cell);
        this.#deleted.push({ data: cell.data(), at });
        this.#cells.splice(at, 1);
        cell.element.remove();
        this.#events.removed(cell);
        if (this.#cells.length === 0) this.insert(0);
        this.#renumber();
        this.#cells[Math.min(at, this.#cells.length - 1)]!.focus();
    }

    /** Bring the cell back that was deleted last. */
    undoRemove(): void {
        const last = this.#deleted.pop();
        if (last) this.insert(Math.min(last.at, this.#cells.length), last.data).focus();
    }

    move(cell: CellView, by: number): void {
        const from = this.indexOf(cell);
        const to = from + by;
        if (to < 0 || to >= this.#cells.length) return;
        this.#cells.splice(from, 1);
        this.#cells.splice(to, 0, cell);
        this.#host.insertBefore(cell.element, this.#cells[to + 1]?.element ?? null);
        this.#renumber();
        cell.focus();
    }

    /** Focus the cell before or after the selected one, if there is one. */
    step(by: number): void {
        this.#cells[this.indexOf(this.#selected) + by]?.focus();
    }

    /** Focus the next cell; after the last, a new one to write in. */
    advance(from: CellView): void {
        const next = this.#cells[this.indexOf(from) + 1];
        if (next) next.focus();
        else this.insert(this.#cells.length).edit();
    }

    indexOf(cell: CellView | undefined): number {
        return cell ? this.#cells.indexOf(cell) : -1;
    }

    #view(data: CellData): CellView {
        const events: CellEvents = {
            edited: () => this.#events.changed(),
            run: (cell) => this.#events.run(cell),
            insertBelow: (cell) => this.insert(this.indexOf(cell) + 1).edit(),
            move: (cell, by) => this.move(cell, by),
            remove: (cell) => this.remove(cell),
        };
        return new CellView(data, events);
    }

    #select(cell: CellView): void {
        if (this.#selected && this.#selected !== cell) this.#selected.isSelected = false;
        this.#selected = cell;
        cell.isSelected = true;
    }

    /** A click beside the editor focuses its cell; one beside the cells, the selected one. */
    #clicked(target: Element): void {
        if (target.closest(".cell-editor, .cell-output, button") || !getSelection()?.isCollapsed) return;
        const cell = this.#cells.find(({ element }) => element.contains(target)) ?? this.#selected;
        cell?.focus();
    }

    #renumber(): void {
        this.#cells.forEach((cell, at) => cell.renumber(at + 1));
        this.#events.changed();
    }
}
