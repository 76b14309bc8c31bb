-- cjson.safe: nil and the message in place of an error.
local cjson = require 'cjson'
local safe = setmetatable({}, {__index = cjson})

local function guarded(f)
   return function(value)
      local ok, result = pcall(f, value)
      if ok then return result end
      return nil, result
   end
end
safe.encode, safe.decode = guarded(cjson.encode), guarded(cjson.decode)
function safe.new() return safe end

return safe
