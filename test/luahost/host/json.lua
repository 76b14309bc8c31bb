-- cjson: null, settings, cjson.safe
local cjson = require 'cjson'
local t = cjson.decode('{"a": [1, null, 3], "b": null, "c": {"d": null}}')
print(#t.a, t.a[2] == cjson.null, t.b == cjson.null, t.c.d == t.b, type(cjson.null), tostring(cjson.null))
print(cjson.encode{1, cjson.null, {}}, cjson.encode(t.a), cjson.encode(cjson.null), cjson.decode('null') == cjson.null)
print(cjson.encode_sparse_array())
print(pcall(cjson.encode, {[1] = 1, [100] = 2}))
print(cjson.encode_sparse_array(true))
print(#cjson.encode{[1] = 1, [100] = 2} == #'{"1":1,"100":2}')
print(pcall(cjson.encode, 0 / 0) == false, cjson.encode_invalid_numbers('null'), cjson.encode(1 / 0))
print(cjson.encode_number_precision(3), cjson.encode(2 / 3), cjson.encode_max_depth(2), pcall(cjson.encode, {{{1}}}) == false)
local safe = require 'cjson.safe'
print(safe.decode('{"a": 2}').a, safe.decode('{'), safe.encode(print) == nil)
