// Light or dark: as the system says, until somebody chooses. Loaded before the page is painted.

const KEY = "mayfly.theme";
const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
    return root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches;
}

function describe(button: HTMLElement): void {
    button.setAttribute("aria-pressed", String(isDark()));
}

root.dataset.theme = localStorage.getItem(KEY) ?? "";
document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    describe(button);
    systemIsDark.addEventListener("change", () => describe(button));
    button.addEventListener("click", () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        localStorage.setItem(KEY, root.dataset.theme);
        describe(button);
    });
});

export {};
