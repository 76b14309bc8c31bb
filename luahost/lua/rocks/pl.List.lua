-- Penlight's List: a table of values with methods.
local List = {}
List.__index = List

local function new(values)
   local list = {}
   for i, v in ipairs(values or {}) do list[i] = v end
   return setmetatable(list, List)
end
List.new = new

function List:append(v) self[#self + 1] = v return self end
function List:extend(other) for _, v in ipairs(other) do self[#self + 1] = v end return self end
function List:insert(i, v) table.insert(self, i, v) return self end
function List:pop(i) return table.remove(self, i) end
function List:len() return #self end
function List:reverse()
   for i = 1, math.floor(#self / 2) do self[i], self[#self + 1 - i] = self[#self + 1 - i], self[i] end
   return self
end
function List:contains(v) return self:index(v) ~= nil end
function List:index(v) for i = 1, #self do if self[i] == v then return i end end end
function List:map(f, ...) local r = new() for i = 1, #self do r[i] = f(self[i], ...) end return r end
function List:filter(f, arg) local r = new() for _, v in ipairs(self) do if f(v, arg) then r:append(v) end end return r end
function List:foreach(f, ...) for _, v in ipairs(self) do f(v, ...) end end
function List:slice(first, last) return new(require('pl.tablex').sub(self, first, last)) end
function List:sort(before) table.sort(self, before) return self end
function List:clone() return new(self) end
function List:iter()
   local i = 0
   return function() i = i + 1 return self[i] end
end
function List:join(separator)
   local texts = {}
   for i, v in ipairs(self) do texts[i] = tostring(v) end
   return table.concat(texts, separator or '')
end
List.concat = List.join
function List.__tostring(list) return '{' .. list:join(',') .. '}' end
function List.range(first, last, step)
   local r = new()
   for i = first, last, step or 1 do r:append(i) end
   return r
end

return setmetatable(List, {__call = function(_, values) return new(values) end})
