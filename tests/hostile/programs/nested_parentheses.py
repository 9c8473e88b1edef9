# Source that is nested too deeply, in a line of 200 KB that the traceback shows.
exec("(" * 100_000 + ")" * 100_000)
