-- torch.class, torch.type and their like over both worlds: classes of Python, and classes written in Lua without a
-- parent in Python, whose objects are plain tables.
local H = ...
local rawtype, rawget, rawgetmetatable = H.rawtype, H.rawget, H.getmetatable
local classes = {}       -- name -> metatable of a class written in Lua

-- What Lua calls for an operator looks for the method `__add__` of a class or of those above it
local function operator(name, otherwise)
   local method = name .. '__'
   return function(a, b)
      local f = rawtype(a) == 'table' and a[method] or rawtype(b) == 'table' and b[method]
      if f then return f(a, b) end
      return otherwise(a, b)
   end
end

local operators = {
   __tostring = function(object)
      local f = object.__tostring__
      if f then return f(object) end
      return rawgetmetatable(object).__typename
   end,
   __eq = operator('__eq', rawequal),
}
for name, word in pairs{__add = 'addition', __sub = 'substraction', __mul = 'multiplication', __div = 'division',
                        __unm = 'negation', __pow = 'power', __mod = 'modulo', __concat = 'concat', __lt = 'less-than',
                        __le = 'less-equal'} do
   operators[name] = operator(name, function(a, b)
      error(('both %s and %s have no %s operator'):format(torch.type(a), torch.type(b), word), 3)
   end)
end
operators.__call = function(object, ...)
   local f = object.__call__
   if not f then error(('%s has no __call operator'):format(torch.type(object)), 2) end
   return f(object, ...)
end

local function make_class(name, parent)
   local m = {__typename = name, __version = 1}
   for event, f in pairs(operators) do m[event] = f end
   m.__index = m
   classes[name] = m
   if parent then setmetatable(m, {__index = parent, __typename_parent = parent.__typename}) end
   local constructor = setmetatable({__typename = name}, {
      __index = m,
      __newindex = m,
      __call = function(_, ...)
         local object = setmetatable({}, m)
         if m.__init then m.__init(object, ...) end
         return object
      end,
      __tostring = function() return name end,
      __metatable_of = m,
   })
   m.new = function(...) return constructor(...) end
   return m, constructor
end

function torch.class(name, parent, module)
   if rawtype(parent) == 'table' and rawtype(rawget(parent, '__typename')) ~= 'string' then
      module, parent = parent, nil
   elseif rawtype(parent) == 'table' then
      parent = rawget(parent, '__typename')
   end
   if parent and not classes[parent] then
      local class, base = H.declare(name, parent)
      if module then module[name:match('[^.]*$')] = class end
      return class, base
   end
   local base = parent and classes[parent]
   local m, constructor = make_class(name, base)
   if module then
      module[name:match('[^.]*$')] = constructor
   else
      H.place(name, constructor)
   end
   m.__constructor = constructor
   if base then return constructor, base.__constructor end
   return constructor
end

-- The class name of an object of a class written in Lua
local function lua_name(x)
   local m = rawgetmetatable(x)
   if rawtype(m) == 'table' then return rawget(m, '__typename') end
end

local types = setmetatable({}, {__mode = 'k'})  -- of Python's objects, which keep theirs

function torch.type(x)
   local t = rawtype(x)
   if t == 'table' then return lua_name(x) or 'table' end
   if t ~= 'userdata' or io.type(x) then return t end
   local name = H.tensor_name(x) or types[x]
   if name then return name end
   name = H.type_of(x)
   types[x] = name
   return name
end

function torch.typename(x)
   local t = rawtype(x)
   if t == 'table' then return lua_name(x) or rawget(x, '__typename') end
   if t ~= 'userdata' or io.type(x) then return nil end
   return H.tensor_name(x) or H.typename_of(x)
end

torch.isTensor, torch.data = H.is_tensor, H.data

function torch.concat(first, ...)
   return (rawtype(first) == 'string' and paths or torch)[rawtype(first) == 'string' and 'concat' or 'cat'](first, ...)
end

local function is_named(name, spec)
   return name == spec or name:find('^' .. spec .. '$') or name:find('%.' .. spec .. '$')
end

function torch.isTypeOf(x, spec)
   if rawtype(x) ~= 'table' then
      if rawtype(x) ~= 'userdata' or io.type(x) then return false end
      return H.is_type_of(x, spec)
   end
   local m = rawgetmetatable(x)
   if rawtype(m) == 'table' and rawget(m, '__object') then return H.is_type_of(m.__object, spec) end
   if rawtype(spec) == 'table' then spec = rawget(spec, '__typename') or lua_name(spec) end
   while rawtype(m) == 'table' do
      local name = rawget(m, '__typename')
      if name and spec and is_named(name, spec) then return true end
      local above = rawgetmetatable(m)
      m = above and above.__index
   end
   return false
end

function torch.getmetatable(name)
   if classes[name] then return classes[name] end
   return name and H.class_named(name) or nil
end

function torch.getconstructortable(name)
   local m = classes[name]
   return m and m.__constructor or name and H.class_named(name) or nil
end

function torch.factory(name)
   if classes[name] then return function() return setmetatable({}, classes[name]) end end
   return H.factory(name)
end

-- A table with the fields of an object of Python's class becomes that object, and asks it from now on
local function become(t, name)
   local object, fields = H.factory(name)(), {}
   for key, value in H.rawpairs(t) do fields[key] = value end
   for key, value in H.rawpairs(fields) do
      object[key] = value
      t[key] = nil
   end
   H.restored(object)
   return setmetatable(t, {
      __typename = name, __object = object, __newindex = object,
      __index = function(_, key)
         local value = object[key]
         if rawtype(value) ~= 'function' then return value end
         return function(self, ...)
            return value(rawequal(self, t) and object or self, ...)
         end
      end,
      __call = function(_, ...) return object(...) end,
      __len = function() return #object end,
      __pairs = function() return pairs(object) end,
      __tostring = function() return tostring(object) end,
   })
end

function torch.setmetatable(x, name)
   local m = classes[name]
   if m then return setmetatable(x, m) end
   if not (name and H.class_named(name)) then error('torch.setmetatable: unknown class ' .. tostring(name), 2) end
   return become(x, name)
end
torch.pushudata = torch.setmetatable

function torch.newmetatable(name, parent)
   return (make_class(name, parent and classes[parent]))
end

function H.new_object(name)
   return setmetatable({}, classes[name])
end

function H.has_class(name)
   return classes[name] ~= nil
end

function H.class_names()
   local names = {}
   for name in pairs(classes) do names[#names + 1] = name end
   return names
end

H.class_name = lua_name
