// The tabs below the editor, as the ARIA practices have them: one in the focus order, arrow keys between them.

const MOVES: Record<string, (at: number, count: number) => number> = {
    ArrowRight: (at, count) => (at + 1) % count,
    ArrowLeft: (at, count) => (at - 1 + count) % count,
    Home: () => 0,
    End: (_, count) => count - 1,
};

export function wireTabs(list: HTMLElement): void {
    const tabs = [...list.querySelectorAll<HTMLButtonElement>("[role=tab]")];
    for (const [at, tab] of tabs.entries()) {
        tab.addEventListener("click", () => selectTab(tab));
        tab.addEventListener("keydown", (event) => {
            const next = tabs[MOVES[event.key]?.(at, tabs.length) ?? -1];
            if (!next) return;
            event.preventDefault();
            selectTab(next);
            next.focus();
        });
    }
}

export function selectTab(selected: HTMLElement): void {
    for (const tab of selected.parentElement?.querySelectorAll<HTMLElement>("[role=tab]") ?? []) {
        const isSelected = tab === selected;
        tab.setAttribute("aria-selected", String(isSelected));
        tab.tabIndex = isSelected ? 0 : -1;
        const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
        if (panel) panel.hidden = !isSelected;
    }
}
