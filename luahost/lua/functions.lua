-- Python functions as Lua functions: what Lua's library takes (gsub, sort, coroutine.wrap) must be a true function.
local H = ...
local as_function = python.as_function
local rawtype = type
local behind = setmetatable({}, {__mode = 'k'})

function H.wrap(f)
   local call = as_function(f)
   local function wrapped(...)
      return call(...)
   end
   behind[wrapped] = f
   return wrapped
end

-- A method of tensors that gives the mark `same` for the tensor itself
function H.direct(wrapped)
   local call, SAME = as_function(behind[wrapped]), H.same
   local function own(o, r, ...)
      if r == SAME then return o end
      return r, ...
   end
   return function(o, ...) return own(o, call(o, ...)) end
end

-- Places of results that Lua holds: see held.py
local weak = {__mode = 'k'}
local places, tick = 0, H.tick

function H.new_place()
   places = places + 1
   return places
end

-- A method of objects: `plain`, and for objects that `is_own` knows its forms for a place and one tensor, two tensors,
-- anything. A result that is a mark is the object, or the one that was held. `most`: arguments that it takes.
function H.wrap_method(plain, is_own, one, two, other, most)
   one, two, other = as_function(one or other), as_function(two or other), as_function(other)
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

   local function wrapped(o, x, y, z, a, b, c)
      local place = place_of[o] or enter(o)
      if not place then return slow(o, x, y, z, a, b, c) end
      tick()
      if z == nil and is_tensor(x) then
         if y == nil then return kept(o, one(place, o, x)) end
         if is_tensor(y) then return kept(o, two(place, o, x, y)) end
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
