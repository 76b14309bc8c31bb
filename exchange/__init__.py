"""Networks out to other formats and in from them; :mod:`torch7.onnx` is the door to :mod:`exchange.onnx`."""
