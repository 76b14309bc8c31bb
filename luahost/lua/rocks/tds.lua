-- tds: tables outside Lua's memory; here they are tables.
local tds = {}
local Hash, Vec = {}, {}

function Hash.__index(_, key) return Hash[key] end
function Hash.__len(hash)
   local n = 0
   for _ in pairs(hash) do n = n + 1 end
   return n
end
local function copied(values, metatable)
   local made = {}
   for key, value in pairs(values or {}) do
      made[key] = type(value) == 'table' and getmetatable(value) == nil and copied(value, metatable) or value
   end
   return setmetatable(made, metatable)
end
Vec.__index = Vec
function Vec:insert(...) table.insert(self, ...) end
function Vec:remove(...) return table.remove(self, ...) end
function Vec:sort(before) table.sort(self, before) end
function Vec:resize(n) for i = #self, n + 1, -1 do self[i] = nil end end
function Vec:concat(separator) return table.concat(self, separator) end

function tds.Hash(values) return copied(values, Hash) end
function tds.Vec(...)
   local first = ...
   if type(first) == 'table' and select('#', ...) == 1 then return copied(first, Vec) end
   return setmetatable({...}, Vec)
end
tds.hash, tds.vec = tds.Hash, tds.Vec

return tds
