-- Python functions as Lua functions: what Lua's library takes (gsub, sort, coroutine.wrap) must be a true function.
local H = ...
local as_function = python.as_function
local rawtype, rawgetmetatable, next, unpack = type, getmetatable, next, unpack
local behind = setmetatable({}, {__mode = 'k'})

local tick = H.tick

function H.wrap(f)
   local call = as_function(f)
   local function wrapped(...)
      tick()
      return call(...)
   end
   behind[wrapped] = f
   return wrapped
end

-- The number of entries of a table that is a short list without tables in it, else nil
local SHORT = 32

local function listed(t)
   if rawtype(t) ~= 'table' or rawgetmetatable(t) then return nil end
   local n, count = #t, 0
   if n == 0 or n > SHORT then return nil end
   for _, value in next, t do
      local kind = rawtype(value)
      if kind == 'table' or kind == 'function' then return nil end
      count = count + 1
   end
   return count == n and n or nil
end

local entries = {}

-- n, x, y and the entries of those that are lists, n of x; nil where neither is, or one is something else
local function with_entries(x, y)
   local n, m = listed(x), listed(y)
   if not n and not m then return nil end
   if not n and rawtype(x) == 'table' or not m and rawtype(y) == 'table' then return nil end
   if not m then return n, x, y, unpack(x, 1, n) end
   if not n then return 0, x, y, unpack(y, 1, m) end
   for i = 1, n do entries[i] = x[i] end
   for i = 1, m do entries[n + i] = y[i] end
   return n, x, y, unpack(entries, 1, n + m)
end

-- A function that lists of tensors and numbers reach by a way of their own
function H.wrap_listed(f, of_lists)
   local call, of_lists = as_function(f), as_function(of_lists)
   local function by(x, y, n, ...)
      if n then return of_lists(n, ...) end
      if y == nil then return call(x) end
      return call(x, y)
   end
   local function wrapped(...)
      tick()
      local x, y, z = ...
      if z == nil and rawtype(x) == 'table' then return by(x, y, with_entries(x, y)) end
      return call(...)
   end
   behind[wrapped] = f
   return wrapped
end

-- A method of tensors by its forms for no argument, one, two, more; the mark `same` is the tensor itself
function H.wrap_tensor_method(name, none, one, two, more)
   local f = more
   none, one, two, more = as_function(none), as_function(one), as_function(two), as_function(more)
   local SAME = H.same
   local function own(o, r, ...)
      if r == SAME then return o end
      return r, ...
   end
   local function wrapped(o, x, y, ...)
      tick()
      if rawtype(o) == 'table' and torch[name] then return torch[name](o, x, y, ...) end  -- x.cat({x, y}, 1)
      if select('#', ...) > 0 then return own(o, more(o, x, y, ...)) end
      if y ~= nil then return own(o, two(o, x, y)) end
      if x ~= nil then return own(o, one(o, x)) end
      return own(o, none(o))
   end
   behind[wrapped] = f
   return wrapped
end

-- Places of results that Lua holds: see held.py
local weak = {__mode = 'k'}
local places = 0

function H.new_place()
   places = places + 1
   return places
end

-- A method of objects: `plain`, and for objects that `is_own` knows its forms for a place and one tensor, two tensors,
-- lists, anything. A result that is a mark is the object, or the one that was held. `most`: arguments that it takes.
function H.wrap_method(plain, is_own, one, two, of_lists, other, most)
   one, two, other = as_function(one or other), as_function(two or other), as_function(other)
   of_lists = as_function(of_lists)
   is_own = as_function(is_own)
   local slow, SAME, SELF, is_tensor = as_function(plain), H.same, H.self, H.is_tensor
   local place_of, last = setmetatable({}, weak), setmetatable({}, weak)

   local function kept(o, r, ...)
      if r == SAME then return last[o] end
      if r == SELF then return o end
      if rawtype(r) == 'userdata' then last[o] = r end
      return r, ...
   end

   local function enter(o)
      local place = rawtype(o) == 'userdata' and is_own(o) and H.new_place()
      if o ~= nil then place_of[o] = place end
      return place
   end

   local function by(place, o, x, y, n, ...)
      if n then return kept(o, of_lists(place, o, n, ...)) end
      return kept(o, other(place, o, x, y))
   end

   local function wrapped(o, x, y, z, a, b, c)
      local place = place_of[o] or enter(o)
      if not place then return slow(o, x, y, z, a, b, c) end
      tick()
      if z == nil and is_tensor(x) then
         if y == nil then return kept(o, one(place, o, x)) end
         if is_tensor(y) then return kept(o, two(place, o, x, y)) end
      end
      if z == nil and a == nil and b == nil and c == nil and (rawtype(x) == 'table' or rawtype(y) == 'table') then
         return by(place, o, x, y, with_entries(x, y))
      end
      if y == nil and z == nil and a == nil and b == nil and c == nil then
         if x == nil then return kept(o, other(place, o)) end
         return kept(o, other(place, o, x))
      end
      return kept(o, other(place, o, x, y, z, a, b, c))
   end
   if most > 6 then
      function wrapped(o, ...)
         local place = place_of[o] or enter(o)
         if not place then return slow(o, ...) end
         tick()
         return kept(o, other(place, o, ...))
      end
   end
   behind[wrapped] = plain
   return wrapped
end

function H.unwrap(wrapped)
   return behind[wrapped]
end

function H.length(t)
   return #t
end

H.rawget = rawget
H.getmetatable = getmetatable
H.rawset = rawset
H.rawtype = type
H.rawpairs = pairs
H.rawunpack = unpack
