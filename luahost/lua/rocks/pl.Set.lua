-- Penlight's Set: values that are there once, with the operators of sets.
local List = require 'pl.List'
local tablex = require 'pl.tablex'
local Set = {}
Set.__index = Set

local function new(values)
   local set = setmetatable({}, Set)
   if getmetatable(values) == Set then values = Set.values(values) end
   for _, value in ipairs(type(values) == 'table' and values or {values}) do set[value] = true end
   return set
end

function Set.values(set) return List(tablex.keys(set)) end
function Set.len(set) return tablex.size(set) end
function Set.map(set, f, ...) return new(Set.values(set):map(f, ...)) end
function Set.union(a, b)
   local r = new(a)
   for value in pairs(getmetatable(b) == Set and b or {[b] = true}) do r[value] = true end
   return r
end
function Set.intersection(a, b) return new(Set.values(a):filter(function(value) return rawget(b, value) end)) end
function Set.difference(a, b) return new(Set.values(a):filter(function(value) return not rawget(b, value) end)) end
function Set.symmetric_difference(a, b) return Set.difference(Set.union(a, b), Set.intersection(a, b)) end
function Set.issubset(a, b)
   for value in pairs(a) do if not rawget(b, value) then return false end end
   return true
end
function Set.isempty(set) return next(set) == nil end
function Set.isdisjoint(a, b) return Set.isempty(Set.intersection(a, b)) end
Set.__add, Set.__mul, Set.__sub, Set.__pow = Set.union, Set.intersection, Set.difference, Set.symmetric_difference
Set.__lt = Set.issubset
function Set.__eq(a, b) return Set.issubset(a, b) and Set.issubset(b, a) end
function Set.__tostring(set)
   local texts = Set.values(set):map(tostring)
   table.sort(texts)
   return '[' .. table.concat(texts, ',') .. ']'
end

return setmetatable(Set, {__call = function(_, values) return new(values or {}) end})
