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
function List:put(v) return self:insert(1, v) end
function List:remove(i) table.remove(self, i) return self end
function List:remove_value(v)
   local i = self:index(v)
   if i then table.remove(self, i) end
   return self
end
function List:clear() for i = #self, 1, -1 do self[i] = nil end return self end
function List:chop(first, last)
   for _ = first, last or first do table.remove(self, first) end
   return self
end
function List:splice(i, other)
   for n, v in ipairs(other) do table.insert(self, i + n - 1, v) end
   return self
end
function List:slice_assign(first, last, other) return self:chop(first, last):splice(first, other) end
function List:count(v)
   local n = 0
   for _, w in ipairs(self) do if w == v then n = n + 1 end end
   return n
end
function List:minmax() return require('pl.seq').minmax(self) end
function List:reduce(f, start) return require('pl.tablex').reduce(f, self, start) end
function List:sorted(before) return self:clone():sort(before) end
function List:transform(f, ...) require('pl.tablex').transform(f, self, ...) return self end
function List:map2(f, other, ...) return new(require('pl.tablex').imap2(f, self, other, ...)) end
function List:mapm(name, ...)
   local r = new()
   for i, v in ipairs(self) do r[i] = v[name](v, ...) end
   return r
end
function List:foreachm(name, ...) for _, v in ipairs(self) do v[name](v, ...) end end
function List:partition(f, ...)
   local r = require('pl.Map')()
   for _, v in ipairs(self) do
      local key = f(v, ...)
      key = key == nil and '<nil>' or key
      r[key] = r[key] or new()
      r[key]:append(v)
   end
   return r
end
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
function List.concat(a, b)
   if type(b) == 'table' then return a:clone():extend(b) end
   return a:join(b)
end
List.__concat = List.concat
function List.__eq(a, b) return require('pl.tablex').compare(a, b) end
List.iterate = function(of) return type(of) == 'table' and List.iter(of) or of end
function List.split(text, separator) return new(require('pl.utils').split(text, separator)) end
function List.__tostring(list) return '{' .. list:join(',') .. '}' end
function List.range(first, last, step)
   local r = new()
   for i = first, last, step or 1 do r:append(i) end
   return r
end

return setmetatable(List, {__call = function(_, values)
   if type(values) == 'string' then values = require('pl.utils').split((values:gsub('.', '%0\n')), '\n') end
   return new(values)
end})
