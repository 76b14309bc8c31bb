-- cjson: null is a value of its own, which stays in tables; the rest is Python's.
local cjson = ...
local decode = cjson.decode
cjson.null = cjson.NULL

function cjson.decode(text) return decode(text, cjson.null) end

return cjson
