-- Elements, sizes and small sums through pointers. The entry of a tensor: sizes, strides, count of elements, and where
-- the FFI may reach them its pointer, `vector` and `writable`; rows that were asked for are kept.
local H = ...
local ffi = require 'ffi'
local get, set, layout = H.get, H.set, H.layout
local rawtype, rawget, getmetatable = H.rawtype, H.rawget, H.getmetatable
local floor, select = math.floor, select
local ROWS = 4096
local cache = setmetatable({}, {__mode = 'k'})

-- A tensor has taken other memory: rows of others may lie there too
function H.forget_elements()
   cache = setmetatable({}, {__mode = 'k'})
end

local function laid_out(dims, contiguous, address, ctype, writable, ...)
   if not dims then return false end
   local entry = {dims = dims, contiguous = contiguous, sizes = {}, strides = {}, count = 1, rows = {}, known = 0}
   for d = 1, dims do
      entry.sizes[d], entry.strides[d] = select(d, ...), (select(dims + d, ...))
      entry.count = entry.count * entry.sizes[d]
   end
   entry.length, entry.stride = entry.sizes[1], entry.strides[1]
   if address then
      entry.pointer = ffi.cast(ctype .. '*', ffi.cast('intptr_t', address))
      entry.ctype, entry.vector, entry.writable, entry.long = ctype, dims == 1, writable, ctype == 'int64_t'
   end
   return entry
end

local function entry_of(o)
   local entry = cache[o]
   if entry == nil then
      entry = laid_out(layout(o))
      cache[o] = entry
   end
   return entry
end
H.entry_of = entry_of

function H.element(o, i)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   if not entry or not entry.pointer or i < 1 or i > entry.length or floor(i) ~= i then return get(o, i) end
   if entry.vector then
      local value = entry.pointer[(i - 1) * entry.stride]
      if entry.long then return tonumber(value) end
      return value
   end
   local row = entry.rows[i]
   if row == nil then
      row = get(o, i)
      if entry.known >= ROWS then entry.rows, entry.known = {}, 0 end
      entry.rows[i], entry.known = row, entry.known + 1
   end
   return row
end

function H.set_element(o, i, value)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   if not entry or not entry.vector or not entry.writable or i < 1 or i > entry.length or floor(i) ~= i then
      return set(o, i, value)
   end
   entry.pointer[(i - 1) * entry.stride] = value
end

-- The place of x[{i, j}] behind the pointer, nil where it is not one element
local function place_of(entry, key)
   if not entry or not entry.pointer or #key ~= entry.dims then return nil end
   local place, sizes, strides = 0, entry.sizes, entry.strides
   for d = 1, entry.dims do
      local i = key[d]
      if rawtype(i) ~= 'number' or i < 1 or i > sizes[d] or floor(i) ~= i then return nil end
      place = place + (i - 1) * strides[d]
   end
   return place
end

function H.part(o, key)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   local place = place_of(entry, key)
   if place == nil then return get(o, key) end
   local value = entry.pointer[place]
   if entry.long then return tonumber(value) end
   return value
end

function H.set_part(o, key, value)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   local place = rawtype(value) == 'number' and entry and entry.writable and place_of(entry, key)
   if not place then return set(o, key, value) end
   entry.pointer[place] = value
end

-- x:data() and storage:data(): a pointer for scripts that use the FFI themselves
function H.pointer(address, ctype)
   return ffi.cast(ctype .. '*', ffi.cast('intptr_t', address))
end
