-- Lua's table functions also for the lists and dicts of Python, which are userdata here but tables for a program.
local H = ...
local rawtype, rawpairs, rawipairs, rawnext, rawunpack = type, pairs, ipairs, next, unpack
local rawget_, rawset_, rawgetmetatable = rawget, rawset, getmetatable
local insert, remove, concat, sort = table.insert, table.remove, table.concat, table.sort

local function is_python(t) return rawtype(t) == 'userdata' end

local kinds = setmetatable({}, {__mode = 'k'})  -- of what Python holds, and files

function type(...)
   local t = rawtype(...)
   if t ~= 'userdata' then return t end
   local o = ...
   local kind = kinds[o]
   if kind == nil then
      kind = io.type(o) and t or H.kind(o)
      kinds[o] = kind
   end
   return kind
end

function pairs(t)
   if not is_python(t) then
      local m = rawgetmetatable(t)
      if rawtype(m) == 'table' and rawget_(m, '__pairs') then return m.__pairs(t) end
      return rawpairs(t)
   end
   local keys, i = H.keys(t), 0
   return function()
      while true do
         i = i + 1
         local key = keys[i]
         if key == nil then return nil end
         local value = t[key]
         if value ~= nil then return key, value end
      end
   end, t, nil
end

local function step(t, i)
   local value = t[i + 1]
   if value ~= nil then return i + 1, value end
end

function ipairs(t)
   if not is_python(t) then return rawipairs(t) end
   return step, t, 0
end

function next(t, key)
   if not is_python(t) then return rawnext(t, key) end
   local keys = H.keys(t)
   if key == nil then
      local first = keys[1]
      if first == nil then return nil end
      return first, t[first]
   end
   for i, k in rawipairs(keys) do
      if k == key then
         local following = keys[i + 1]
         if following == nil then return nil end
         return following, t[following]
      end
   end
end

local function to_table(t)
   local copy = {}
   for i = 1, #t do copy[i] = t[i] end
   return copy
end

function unpack(t, i, j)
   if not is_python(t) then return rawunpack(t, i, j) end
   i, j = i or 1, j or #t
   local values = {}
   for n = i, j do values[n] = t[n] end
   return rawunpack(values, i, j)
end
table.unpack = unpack

function table.insert(t, ...)
   if not is_python(t) then return insert(t, ...) end
   local place, value = ...
   if select('#', ...) == 1 then
      t[#t + 1] = place
      return
   end
   for n = #t, place, -1 do t[n + 1] = t[n] end
   t[place] = value
end

function table.remove(t, i)
   if not is_python(t) then
      if i == nil then return remove(t) end
      return remove(t, i)
   end
   local n = #t
   if n == 0 then return nil end
   i = i or n
   local value = t[i]
   for k = i, n - 1 do t[k] = t[k + 1] end
   t[n] = nil
   return value
end

function table.concat(t, ...)
   return concat(is_python(t) and to_table(t) or t, ...)
end

function table.sort(t, before)
   if not is_python(t) then return sort(t, before) end
   local copy = to_table(t)
   sort(copy, before)
   for i = 1, #copy do t[i] = copy[i] end
end

function table.getn(t) return #t end

function table.maxn(t)
   local most = 0
   for key in pairs(t) do
      if rawtype(key) == 'number' and key > most then most = key end
   end
   return most
end

function rawget(t, key)
   if is_python(t) then return t[key] end
   return rawget_(t, key)
end

function rawset(t, key, value)
   if is_python(t) then
      t[key] = value
      return t
   end
   return rawset_(t, key, value)
end

function getmetatable(t)
   if is_python(t) and io.type(t) == nil then return torch.getmetatable(torch.typename(t)) end
   return rawgetmetatable(t)
end

function H.deep_copy(t, done)
   done = done or {}
   if rawtype(t) ~= 'table' then return t end
   if done[t] then return done[t] end
   local copy = {}
   done[t] = copy
   for key, value in rawpairs(t) do
      if is_python(value) then value = H.clone(value) end
      copy[H.deep_copy(key, done)] = H.deep_copy(value, done)
   end
   return setmetatable(copy, rawgetmetatable(t))
end
