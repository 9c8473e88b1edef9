exec(compile('def g():\n    raise ValueError("in exec")\ng()', '<made up>', 'exec'))
