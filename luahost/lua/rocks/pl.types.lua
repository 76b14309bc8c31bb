-- Penlight's types: what kind a value is.
local types = {}

local function has(x, event)
   local m = getmetatable(x)
   return type(m) == 'table' and m[event] ~= nil
end

function types.is_callable(x) return type(x) == 'function' or has(x, '__call') end
function types.is_type(x, kind) return type(x) == kind or getmetatable(x) == kind end
function types.type(x) return torch.type(x) end
function types.is_integer(x) return type(x) == 'number' and math.ceil(x) == x end
function types.is_empty(x, blanks)
   if x == nil or x == '' then return true end
   if type(x) == 'table' then return next(x) == nil end
   return type(x) == 'string' and blanks and x:find('^%s*$') ~= nil or false
end
function types.is_indexable(x) return type(x) == 'table' or has(x, '__index') end
function types.is_iterable(x) return type(x) == 'table' or has(x, '__pairs') end
function types.is_writeable(x) return type(x) == 'table' or has(x, '__newindex') end
local words = {yes = true, y = true, ['true'] = true, t = true, ['1'] = true}
function types.to_bool(x)
   if type(x) == 'number' then return x ~= 0 end
   if type(x) == 'string' then return words[x:lower()] or false end
   return x and true or false
end

return types
