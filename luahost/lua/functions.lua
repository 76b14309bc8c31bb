-- Python functions as Lua functions: what Lua's library takes (gsub, sort, coroutine.wrap) must be a true function.
local H = ...
-- Calls what Python holds: one function for all, so that what LuaJIT compiles for one object serves the others
local call = debug.getmetatable(python.builtins).__call
H.call_python = call
local rawtype, rawgetmetatable, next, unpack = type, getmetatable, next, unpack
local behind = setmetatable({}, {__mode = 'k'})

local tick = H.tick

function H.wrap(f)
   local function wrapped(...)
      tick()
      return call(f, ...)
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
   local function by(x, y, n, ...)
      if n then return call(of_lists, n, ...) end
      if y == nil then return call(f, x) end
      return call(f, x, y)
   end
   local function wrapped(...)
      tick()
      local x, y, z = ...
      if z == nil and rawtype(x) == 'table' then return by(x, y, with_entries(x, y)) end
      return call(f, ...)
   end
   behind[wrapped] = f
   return wrapped
end

-- A method of tensors by its forms for no argument, one, two, more. A result that is a mark is the tensor itself, or
-- several values.
function H.wrap_tensor_method(name, none, one, two, more)
   local SAME, SEVERAL, several = H.same, H.several, H.values
   local function wrapped(o, x, y, z, ...)
      tick()
      if rawtype(o) == 'table' and torch[name] then return torch[name](o, x, y, z, ...) end  -- x.cat({x, y}, 1)
      local r
      if z ~= nil or select('#', ...) > 0 then
         r = call(more, o, x, y, z, ...)
      elseif y ~= nil then
         r = call(two, o, x, y)
      elseif x ~= nil then
         r = call(one, o, x)
      else
         r = call(none, o)
      end
      if r == SAME then return o end
      if r == SEVERAL then return several() end
      return r
   end
   behind[wrapped] = more
   return wrapped
end

-- Places of results that Lua holds: see held.py
local weak = {__mode = 'k'}
H.tensors = setmetatable({}, weak)  -- what is known to be a tensor
local places = 0

function H.new_place()
   places = places + 1
   return places
end

-- A method of objects: `plain`, and of those that `forms` knows the forms for one tensor, two, lists, anything, which
-- are made when they are first called. A result that is a mark is the object, the one that was held, or several values.
-- `most`: arguments that it takes.
function H.wrap_method(plain, forms, most)
   local SAME, SELF, SEVERAL, several = H.same, H.self, H.several, H.values
   local tensors, is_tensor = H.tensors, H.is_tensor
   local forms_of, last = setmetatable({}, weak), setmetatable({}, weak)

   local function kept(o, r)
      if r == SAME then return last[o] end
      if r == SELF then return o end
      if r == SEVERAL then return several() end
      if rawtype(r) == 'userdata' then last[o] = r end
      return r
   end

   local function enter(o)
      local own = false
      if rawtype(o) == 'userdata' then
         local place = H.new_place()
         local other = call(forms, o, place, 'other')
         own = other and {place = place, other = other}
      end
      if o ~= nil then forms_of[o] = own end
      return own
   end

   local function form(own, o, name)
      own[name] = call(forms, o, own.place, name)
      return own[name]
   end

   local function by(own, o, x, y, n, ...)
      if n then return kept(o, call(own.listed or form(own, o, 'listed'), n, ...)) end
      return kept(o, call(own.other, x, y))
   end

   local calls = 0
   local function wrapped(o, x, y, z, a, b, c)
      local own = forms_of[o] or enter(o)
      if not own then return call(plain, o, x, y, z, a, b, c) end
      calls = calls + 1
      if calls > 100 then
         calls = 0
         tick(100)
      end
      if z == nil and (tensors[x] or is_tensor(x)) then
         local r
         if y == nil then
            r = call(own.one or form(own, o, 'one'), x)
         elseif tensors[y] or is_tensor(y) then
            r = call(own.two or form(own, o, 'two'), x, y)
         else
            r = call(own.other, x, y, z, a, b, c)
         end
         if r == SAME then return last[o] end
         return kept(o, r)
      end
      if z == nil and a == nil and b == nil and c == nil and (rawtype(x) == 'table' or rawtype(y) == 'table') then
         return by(own, o, x, y, with_entries(x, y))
      end
      if y == nil and z == nil and a == nil and b == nil and c == nil then
         if x == nil then return kept(o, call(own.other)) end
         return kept(o, call(own.other, x))
      end
      return kept(o, call(own.other, x, y, z, a, b, c))
   end
   if most > 6 then
      function wrapped(o, ...)
         local own = forms_of[o] or enter(o)
         if not own then return call(plain, o, ...) end
         tick()
         return kept(o, call(own.other, ...))
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
