-- Penlight's seq: iterators and lists in the same way.
local List = require 'pl.List'
local seq = {}

local function iterator(of)
   if type(of) == 'table' then return List.iter(of) end
   return of
end

function seq.list(of) return List(seq.copy(of)) end
seq.iter = iterator
function seq.copy(of)
   local r = List()
   for value in iterator(of) do r:append(value) end
   return r
end
function seq.range(first, last) return List.range(first, last):iter() end
function seq.sum(of, f)
   local total, n = 0, 0
   for value in iterator(of) do total, n = total + (f and f(value) or value), n + 1 end
   return total, n
end
function seq.minmax(of)
   local least, most = math.huge, -math.huge
   for value in iterator(of) do least, most = math.min(least, value), math.max(most, value) end
   return least, most
end
function seq.map(f, of, arg) return seq.copy(of):map(f, arg):iter() end
function seq.filter(of, keep, arg) return seq.copy(of):filter(keep, arg):iter() end
function seq.reduce(f, of, start) return require('pl.tablex').reduce(f, seq.copy(of), start) end
function seq.take(of, n) return seq.copy(of):slice(1, n):iter() end
function seq.last(of)
   local values, i = seq.copy(of), 1
   return function()
      i = i + 1
      return values[i], values[i - 1]
   end
end
function seq.count_map(of)
   local counts = {}
   for value in iterator(of) do counts[value] = (counts[value] or 0) + 1 end
   return require('pl.Map')(counts)
end
function seq.unique(of)
   local seen, r = {}, List()
   for value in iterator(of) do
      if not seen[value] then r:append(value) end
      seen[value] = true
   end
   return r:iter()
end
function seq.sort(of, before) return seq.copy(of):sort(before):iter() end
function seq.zip(a, b)
   local first, second = iterator(a), iterator(b)
   return function() return first(), second() end
end
function seq.enum(of)
   local i, values = 0, iterator(of)
   return function()
      i = i + 1
      local value = values()
      if value ~= nil then return i, value end
   end
end
function seq.lines(file) return (type(file) == 'string' and io.lines(file)) or (file or io.stdin):lines() end

return seq
