// The playground: an editor, what goes with the program, and what becomes of it.
//
// Everything that a program writes, and everything that a link carries, is hostile: it reaches the document as text,
// as a picture or in a frame that may do nothing (artifacts.ts, frame.ts), never as markup.

import { Artifacts } from "./artifacts";
import { Console } from "./console";
import { offer } from "./copy";
import { curlCommand } from "./curl";
import { byId } from "./dom";
import { createEditor } from "./editor";
import { EXAMPLES } from "./examples";
import { Form } from "./form";
import { EXECUTE, execute, fetchRuntimes, Listener, Problem } from "./gateway";
import { apiKey, askForKey } from "./key";
import { Program, readProgram, requestBody } from "./program";
import { save } from "./save";
import { fromFragment, toFragment } from "./share";
import { wireTabs } from "./tabs";
import { Tally } from "./tally";
import { clearNumbers, say, sayProblem, sayResult, sayTests } from "./verdict";

const DRAFT = "mayfly.draft";
const LONG_LINK_CHARACTERS = 8000;
const TICK_MS = 100;

const runButton = byId<HTMLButtonElement>("run");
const stopButton = byId<HTMLButtonElement>("stop");
const examples = byId<HTMLSelectElement>("examples");
const culprit = byId<HTMLButtonElement>("culprit");
const output = new Console({ log: byId("log"), scroller: byId("outcome-body"), note: byId("log-note") });
const artifacts = new Artifacts();
const tally = new Tally();
const editor = createEditor(byId("editor"), {
    label: "Program, in Python. Tab indents; Escape, then Tab leaves the editor.",
    onChange: edited,
});
const form = new Form(editor, edited);

/** Where the output is below the program. */
const narrow = matchMedia("(max-width: 60rem)");

let running: AbortController | undefined;

/** A link in the address bar that no longer says what is on the page would mislead. */
function edited(): void {
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    culprit.hidden = true;
}

// --- a run -------------------------------------------------------------------------------------------------------

async function run(): Promise<void> {
    if (running) return;
    const controller = new AbortController();
    running = controller;
    showRunning(true);
    clearOutcome();
    const problem = await attempt(controller.signal);
    output.flush();
    running = undefined;
    showRunning(false);
    if (problem?.status === 401 && (await askForKey())) {
        void offerRuntimes();
        return run();
    }
    if (problem?.errors) form.complain(problem.errors.map(({ field }) => field));
}

/** The refusal, where there was one. */
async function attempt(signal: AbortSignal): Promise<Problem | undefined> {
    let problem: Problem | undefined;
    const stopWatch = watch(signal);
    const listener = listen(stopWatch, (refusal) => (problem = refusal));
    const program = form.program();
    tally.begin(program.tests);
    try {
        await execute(requestBody(program), apiKey(), signal, listener);
    } catch (error) {
        if (signal.aborted) say("warn", "Stopped");
        else say("warn", "The connection to the gateway was lost", [String(error)]);
    } finally {
        stopWatch.end();
    }
    return problem;
}

function listen(stopWatch: { begin(): void; end(): void }, onRefused: (problem: Problem) => void): Listener {
    return {
        queued: () => say("busy", "Waiting for a box"),
        started: () => stopWatch.begin(),
        output: (stream, text) => output.append(stream, text),
        display: (display) => artifacts.addDisplay(display),
        file: (file) => artifacts.addFile(file),
        test: (report) => tally.add(report),
        result(result) {
            stopWatch.end();
            output.flush();
            if ("tests" in result) sayTests(result);
            else sayResult(result);
            tally.end();
            showCulprit();
        },
        refused(problem) {
            stopWatch.end();
            sayProblem(problem);
            onRefused(problem);
        },
    };
}

/** Tells the seconds of a run, beside the verdict and not in it: a live region would read each aloud. */
function watch(signal: AbortSignal): { begin(): void; end(): void } {
    const clock = byId("clock");
    let timer = 0;
    const end = () => {
        clearInterval(timer);
        clock.textContent = "";
    };
    signal.addEventListener("abort", end);
    return {
        begin() {
            const start = performance.now();
            say("busy", "Running");
            timer = setInterval(
                () => (clock.textContent = `${((performance.now() - start) / 1000).toFixed(1)} s`),
                TICK_MS,
            );
        },
        end,
    };
}

function showRunning(isRunning: boolean): void {
    const hadFocus = document.activeElement === stopButton;
    runButton.setAttribute("aria-disabled", String(isRunning));
    stopButton.disabled = !isRunning;
    document.body.classList.toggle("running", isRunning);
    if (hadFocus && !isRunning) runButton.focus();
    if (isRunning && narrow.matches) byId("outcome").scrollIntoView({ block: "start", behavior: "smooth" });
}

function clearOutcome(): void {
    output.clear();
    artifacts.clear();
    tally.clear();
    clearNumbers();
    form.clearComplaints();
    culprit.hidden = true;
    byId("outcome-body").classList.remove("untouched");
    say("busy", "Sending");
}

/** The last line of the program that a traceback names. */
function showCulprit(): void {
    const told = tally.stderr() || output.text("stderr") || output.text(); // of merged streams the traceback is in stdout
    const named = [...told.matchAll(/^ *File "\/box\/main\.py", line (\d{1,7})/gm)].at(-1)?.[1];
    culprit.hidden = named === undefined;
    culprit.textContent = `Go to line ${named}`;
    culprit.dataset.line = named;
}

// --- what else the page offers -----------------------------------------------------------------------------------

async function share(): Promise<void> {
    const fragment = await toFragment(form.program());
    history.replaceState(null, "", fragment);
    const warning =
        fragment.length > LONG_LINK_CHARACTERS ? " It is long, and some applications cut long links." : "";
    offer({
        title: "Share this program",
        note: `The link carries the program itself; it is not stored anywhere.${warning}`,
        text: location.href,
    });
}

function showCurl(): void {
    offer({
        title: "This request as a curl command",
        note: apiKey() ? "It takes the API key from the variable MAYFLY_KEY." : "For a POSIX shell.",
        text: curlCommand(new URL(EXECUTE, document.baseURI).href, requestBody(form.program()), apiKey() !== ""),
    });
}

function offerExamples(): void {
    examples.append(...EXAMPLES.map(({ title }, index) => new Option(title, String(index))));
    examples.addEventListener("change", () => {
        const chosen = EXAMPLES[Number(examples.value)];
        examples.selectedIndex = 0;
        if (chosen) form.fill(chosen.program);
    });
}

/** Those that need a runtime which this gateway does not have. */
function withholdExamples(runtimes: string[]): void {
    for (const [index, { program }] of EXAMPLES.entries())
        examples.options[index + 1]!.disabled = program.runtime !== "" && !runtimes.includes(program.runtime);
}

/** Without them the page still works; where the gateway cannot be reached, the next run says so. */
async function offerRuntimes(): Promise<void> {
    const runtimes = await fetchRuntimes(apiKey()).catch(() => undefined);
    if (Array.isArray(runtimes)) {
        form.offerRuntimes(runtimes);
        withholdExamples(runtimes.map(({ name }) => name));
    } else if (runtimes?.status === 401 && (await askForKey())) {
        return offerRuntimes();
    }
}

/** A program from the link, else the one that was here before the page was loaded again, else the first example. */
async function firstProgram(): Promise<Program> {
    try {
        const linked = await fromFragment(location.hash);
        if (linked) return linked;
    } catch {
        say("warn", "The program in this link is damaged");
    }
    return draft() ?? EXAMPLES[0]!.program;
}

function draft(): Program | undefined {
    const stored = sessionStorage.getItem(DRAFT);
    return stored === null ? undefined : readProgram(JSON.parse(stored));
}

function keepDraft(): void {
    try {
        sessionStorage.setItem(DRAFT, JSON.stringify(form.program()));
    } catch {
        sessionStorage.removeItem(DRAFT); // large files do not fit
    }
}

async function openProgram(): Promise<void> {
    const fragment = location.hash;
    form.fill(await firstProgram());
    if (fragment) history.replaceState(null, "", fragment);
}

document.addEventListener(
    "keydown",
    (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]"))
            return;
        event.preventDefault();
        event.stopPropagation();
        void run();
    },
    { capture: true },
);
addEventListener("pagehide", keepDraft);
addEventListener("hashchange", () => void openProgram());
runButton.addEventListener("click", () => void run());
stopButton.addEventListener("click", () => running?.abort());
culprit.addEventListener("click", () => editor.goTo(Number(culprit.dataset.line)));
byId("share").addEventListener("click", () => void share());
byId("curl").addEventListener("click", showCurl);
byId("save-output").addEventListener("click", () => save("output.txt", output.text()));
for (const radio of document.querySelectorAll<HTMLInputElement>("[name=streams]"))
    radio.addEventListener("change", () => (byId("log").dataset.streams = radio.value));
wireTabs(byId("tabs"));
offerExamples();
void openProgram();
void offerRuntimes();
