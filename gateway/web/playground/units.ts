// Numbers with units, for people.

const UNITS = ["bytes", "KiB", "MiB", "GiB"];

const NOT_MEASURED = "not measured";

export function formatBytes(bytes: number | null): string {
    if (bytes === null) return NOT_MEASURED;
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
        value /= 1024;
        unit++;
    }
    if (unit === 0) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
    return `${rounded(value)} ${UNITS[unit]}`;
}

export function formatSeconds(seconds: number | null): string {
    if (seconds === null) return NOT_MEASURED;
    if (seconds >= 1) return `${rounded(seconds)} s`;
    if (seconds >= 0.001) return `${rounded(seconds * 1e3)} ms`;
    return `${Math.round(seconds * 1e6)} µs`;
}

/** Three digits or so. */
function rounded(value: number): string {
    return value
        .toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
        .replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}
