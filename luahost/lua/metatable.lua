-- The one metatable of all that Python holds: methods from a cache, elements through elements.lua, the rest to Python.
local H = ...
local ffi = require 'ffi'
local rawtype, rawget, getmetatable = H.rawtype, H.rawget, H.getmetatable
local next, unpack = next, H.rawunpack
local get, set, call, arithmetic = H.get, H.set, H.call, H.arithmetic
local shared = debug.getmetatable(H.anchor)
local call_python = H.call_python
local element, set_element, part, set_part = H.element, H.set_element, H.part, H.set_part

-- the methods of each tensor type, and which objects are tensors of it (false: no tensor)
local methods, names = {}, {}
local members, tensors = setmetatable({}, {__mode = 'k'}), H.tensors

-- The pointer of a tensor or storage, or its address as a number
function H.data(x, as_number)
   local pointer = H.pointer(H.data_of(x))
   return as_number and tonumber(ffi.cast('intptr_t', pointer)) or pointer
end

local function methods_of(type_name)
   local found = methods[type_name]
   if not found then
      found = setmetatable({}, {__index = function(t, name)
         if name == 'new' then return nil end
         local f = H.tensor_method(type_name, name)
         if f == nil then return nil end
         if H.unwrap(f) then f = H.in_lua(type_name, name, f) end  -- not one of the program's own
         rawset(t, name, f)
         return f
      end})
      found.data, found.__typename = H.data, type_name
      methods[type_name], names[found] = found, type_name
   end
   return found
end

local function member(o)
   local type_name = H.tensor_type(o)
   local found = type_name and methods_of(type_name) or false
   members[o] = found
   tensors[o] = type_name ~= nil or nil
   return found
end

function H.is_tensor(x)
   if rawtype(x) ~= 'userdata' then return false end
   local m = members[x]
   if m == nil then m = member(x) end
   return m ~= false
end

-- The type of a tensor, nil for other values
function H.tensor_name(x)
   return H.is_tensor(x) and names[members[x]] or nil
end

-- Of each object the methods that were asked for once; of the fields that were read or written once what reads and
-- writes them, and the tensors and lists that lay in them
local known = setmetatable({}, {__mode = 'k'})
local SAME = H.same
local reader, writer, new_place = H.reader, H.writer, H.new_place

local function enter(o)
   local own = {methods = {}, fields = H.has_fields(o) and {} or nil, values = {}, writers = {}}
   known[o] = own
   return own
end

local function kept(own, key, value)
   if value == SAME then return own.values[key] end
   if rawtype(value) == 'userdata' then own.values[key] = value end
   return value
end

local function field(o, own, key)
   local read = own.fields and own.fields[key]
   if read then return kept(own, key, call_python(read)) end
   local value, lasting = get(o, key)
   if lasting then
      own.methods[key] = value
   elseif own.fields then
      own.fields[key] = read == nil and false or reader(o, key, new_place())
   end
   return value
end

-- A class has got another method
function H.forget_known()
   known = setmetatable({}, {__mode = 'k'})
end

-- A program has given a type of tensor another method
function H.forget_methods()
   for type_name in pairs(methods) do methods[type_name] = nil end
   members = setmetatable({}, {__mode = 'k'})
end

shared.__index = function(o, key)
   if rawtype(key) == 'string' then
      local own = known[o]
      if own then return own.methods[key] or field(o, own, key) end
      local m = members[o]
      if m == nil then m = member(o) end
      if m then
         local f = m[key]
         if f ~= nil then return f end
         if key ~= 'new' then return nil end
         return get(o, key)
      end
      own = enter(o)
      return field(o, own, key)
   end
   if rawtype(key) == 'number' then return element(o, key) end
   if rawtype(key) == 'table' and members[o] ~= false then return part(o, key) end
   return get(o, key)
end

shared.__newindex = function(o, key, value)
   if rawtype(key) == 'number' and rawtype(value) == 'number' then return set_element(o, key, value) end
   if rawtype(key) == 'table' and members[o] ~= false then return set_part(o, key, value) end
   local own = rawtype(key) == 'string' and known[o]
   if not own or not own.fields then return set(o, key, value) end
   own.methods[key] = nil
   local write = own.writers[key]
   if write then return call_python(write, value) end
   own.writers[key] = write == nil and false or writer(o, key)
   return set(o, key, value)
end

shared.__call = function(o, ...)
   if H.kind(o) == 'function' then return call_python(o, ...) end
   return call(o, ...)
end

shared.__tostring = function(o) return H.text(o) end
shared.__len = function(o) return H.length_of(o) end
shared.__eq = function(a, b) return H.equal(a, b) end
for _, name in ipairs{'add', 'sub', 'mul', 'div', 'unm', 'mod', 'pow'} do
   shared['__' .. name] = function(a, b) return arithmetic(name, a, b) end
end

-- Tables that stand for Python's classes and for the constructors of tensors and storages
local class = {
   __call = function(t, ...) return H.construct(rawget(t, '__cls'), ...) end,
   __index = function(t, key) return H.class_get(rawget(t, '__cls'), key) end,
   __newindex = function(t, key, value) H.class_set(rawget(t, '__cls'), key, value) end,
   __tostring = function(t) return rawget(t, '__typename') end,
}

function H.make_class(cls, name)
   return setmetatable({__cls = cls, __typename = name}, class)
end

local constructor = {
   __call = function(t, ...) return rawget(t, '__construct')(...) end,
   __index = function(t, key) return H.constructor_get(rawget(t, '__typename'), key) end,
   __newindex = function(t, key, value)
      H.constructor_set(rawget(t, '__typename'), key, value)
      H.forget_methods()
   end,
   __tostring = function(t) return rawget(t, '__typename') end,
}

function H.make_constructor(construct, name)
   return setmetatable({__construct = construct, __typename = name}, constructor)
end

-- The identity of a table as a number
function H.identity(t)
   return tonumber(('%p'):format(t))
end

local MOST = 200  -- values that a function gives at once

-- What a table is for Python: 'class' with its class or what it stands for, 'object' of a class written in Lua, 'list' or 'plain'; identity
-- and length, and of a list that is not long its values
function H.describe_table(t)
   local m = getmetatable(t)
   if m == class then return 'class', rawget(t, '__cls'), 0 end
   if rawtype(m) == 'table' and rawget(m, '__object') then return 'class', rawget(m, '__object'), 0 end
   if m == constructor or (rawtype(m) == 'table' and rawget(m, '__typename') ~= nil) then
      return 'object', H.identity(t), 0
   end
   local n, count = #t, 0
   for _ in next, t do count = count + 1 end
   if n == 0 or n ~= count then return 'plain', H.identity(t), n end
   if n > MOST then return 'list', H.identity(t), n end
   return 'list', H.identity(t), n, unpack(t, 1, n)
end

-- A package whose names come from Python when they are first asked for
function H.make_package(name, getter)
   local package_table = setmetatable({}, {__index = function(t, key)
      local value = getter(key)
      if value ~= nil then rawset(t, key, value) end
      return value
   end})
   _G[name] = package_table
   package.loaded[name] = package_table
   return package_table
end
