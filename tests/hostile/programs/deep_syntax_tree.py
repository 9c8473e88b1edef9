# Source whose tree is too deep for the compiler.
exec("-" * 200_000 + "1")
