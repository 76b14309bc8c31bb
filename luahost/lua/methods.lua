-- Methods of tensors that need no way through Python: sizes, and element by element on few elements. What they do not
-- take, the method of Python takes.
local H = ...
local ffi = require 'ffi'
local entry_of = H.entry_of
local rawtype, tick = H.rawtype, H.tick
local FEW = 1024  -- above it NumPy is faster

local makers = {}

function makers.dim(python)
   return function(x, ...)
      local entry = entry_of(x)
      if entry then return entry.dims end
      return python(x, ...)
   end
end
makers.nDimension = makers.dim

function makers.nElement(python)
   return function(x, ...)
      local entry = entry_of(x)
      if entry then return entry.count end
      return python(x, ...)
   end
end
makers.numel = makers.nElement

function makers.isContiguous(python)
   return function(x, ...)
      local entry = entry_of(x)
      if entry then return entry.contiguous end
      return python(x, ...)
   end
end

function makers.size(python)
   return function(x, d)
      local entry = d and entry_of(x)
      local n = entry and entry.sizes[d]
      if n then return n end
      return python(x, d)
   end
end

function makers.stride(python)
   return function(x, d)
      local entry = d and entry_of(x)
      local n = entry and entry.strides[d]
      if n then return n end
      return python(x, d)
   end
end

function makers.storageOffset(python)
   return function(x, ...)
      local entry = entry_of(x)
      if not entry then return python(x, ...) end
      if not entry.offset then entry.offset = python(x) end
      return entry.offset
   end
end

function makers.isSameSizeAs(python)
   return function(x, y)
      local a, b = entry_of(x), rawtype(y) == 'userdata' and entry_of(y)
      if not a or not b then return python(x, y) end
      if a.dims ~= b.dims then return false end
      for d = 1, a.dims do
         if a.sizes[d] ~= b.sizes[d] then return false end
      end
      return true
   end
end

function makers.type(python, type_name)
   return function(x, name, ...)
      if name == nil and entry_of(x) then return type_name end
      return python(x, name, ...)
   end
end

-- For each of float and double loops of their own, which LuaJIT compiles for that type
local loops = [[
   local ffi = require 'ffi'
   local one = ffi.new('$[1]')
   local function real(v) one[0] = v return one[0] end
   return {
      fill = function(p, n, v) v = real(v) for i = 0, n - 1 do p[i] = v end end,
      add = function(p, n, v) v = real(v) for i = 0, n - 1 do p[i] = p[i] + v end end,
      mul = function(p, n, v) v = real(v) for i = 0, n - 1 do p[i] = p[i] * v end end,
      div = function(p, n, v) v = real(v) for i = 0, n - 1 do p[i] = p[i] / v end end,
      copy = function(p, n, q) for i = 0, n - 1 do p[i] = q[i] end end,
      sum = function(p, n, q) for i = 0, n - 1 do p[i] = p[i] + q[i] end end,
      cmul = function(p, n, q) for i = 0, n - 1 do p[i] = p[i] * q[i] end end,
      cdiv = function(p, n, q) for i = 0, n - 1 do p[i] = p[i] / q[i] end end,
   }
]]
local compiled = {}
local function loops_of(ctype)
   if compiled[ctype] == nil then
      local real = ctype == 'double' or ctype == 'float'
      compiled[ctype] = real and loadstring(loops:gsub('%$', ctype), '=methods')() or false
   end
   return compiled[ctype]
end

-- Entry and loops of a tensor whose elements a loop may write
local function few(x)
   tick()
   local entry = entry_of(x)
   if entry and entry.writable and entry.contiguous and entry.count <= FEW then return entry, loops_of(entry.ctype) end
end

-- The entry of a second tensor of the same type and count, in other memory or the same
local function like(entry, y)
   local other = rawtype(y) == 'userdata' and entry_of(y)
   if not other or other.ctype ~= entry.ctype or not other.contiguous or other.count ~= entry.count then return nil end
   local gap = other.pointer - entry.pointer
   if gap == 0 or gap >= entry.count or -gap >= entry.count then return other end
end

local function with_value(name)
   return function(python)
      return function(x, v, w, ...)
         if w == nil and rawtype(v) == 'number' then
            local entry, loop = few(x)
            if loop then
               loop[name](entry.pointer, entry.count, v)
               return x
            end
         end
         return python(x, v, w, ...)
      end
   end
end
makers.fill, makers.mul, makers.div = with_value('fill'), with_value('mul'), with_value('div')

local function with_tensor(name)
   return function(python)
      return function(x, y, w, ...)
         if w == nil then
            local entry, loop = few(x)
            local other = loop and like(entry, y)
            if other then
               loop[name](entry.pointer, entry.count, other.pointer)
               return x
            end
         end
         return python(x, y, w, ...)
      end
   end
end
makers.copy, makers.cmul, makers.cdiv = with_tensor('copy'), with_tensor('cmul'), with_tensor('cdiv')

function makers.add(python)
   local value, tensor = with_value('add')(python), with_tensor('sum')(python)
   return function(x, v, ...)
      if rawtype(v) == 'number' then return value(x, v, ...) end
      return tensor(x, v, ...)
   end
end

function makers.zero(python)
   return function(x, ...)
      local entry, loop = few(x)
      if not loop then return python(x, ...) end
      loop.fill(entry.pointer, entry.count, 0)
      return x
   end
end

-- The method `name` of tensors of a type: `python`, or a shorter way to the same
function H.in_lua(type_name, name, python)
   local make = makers[name]
   return make and make(python, type_name) or python
end
