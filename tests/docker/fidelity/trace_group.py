raise ExceptionGroup('several', [ValueError(1), ExceptionGroup('more', [KeyError('k'), OSError(2, 'no')])])
