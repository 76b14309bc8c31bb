-- Elements, sizes and small sums through pointers. The entry of a tensor: sizes, strides, count of elements, and where
-- the FFI may reach them its pointer, `vector` and `writable`; rows that were asked for are kept.
local H = ...
local ffi = require 'ffi'
local get, set, layout = H.get, H.set, H.layout
local rawtype, rawget, getmetatable = H.rawtype, H.rawget, H.getmetatable
local floor, select, next, unpack = math.floor, select, next, H.rawunpack
local part_at, set_part_at = H.part_at, H.set_part_at
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

-- x[{2, {}, {1, 3}}] as numbers, two a dimension: first and last, or an index and 0; nil for what Python must look at
local ranges = {}

local function range_of(k, size)
   local first, last = 1, size
   if rawtype(k) == 'number' then
      first, last = k, k
   elseif rawtype(k) ~= 'table' or getmetatable(k) then
      return nil
   elseif k[1] ~= nil then
      first, last = k[1], k[2] or k[1]
      if k[3] ~= nil or rawtype(first) ~= 'number' or rawtype(last) ~= 'number' then return nil end
   elseif next(k) ~= nil then
      return nil
   end
   if first < 0 then first = first + size + 1 end
   if last < 0 then last = last + size + 1 end
   if first < 1 or last < first or last > size or floor(first) ~= first or floor(last) ~= last then return nil end
   return first, last
end

local function ranges_of(entry, key)
   local n = #key
   if not entry or n == 0 or n > entry.dims or getmetatable(key) then return 0 end
   for d = 1, n do
      local first, last = range_of(key[d], entry.sizes[d])
      if not first then return 0 end
      ranges[2 * d - 1], ranges[2 * d] = first, rawtype(key[d]) == 'number' and 0 or last
   end
   return n
end

function H.part(o, key)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   local place = place_of(entry, key)
   if place == nil then
      local n = ranges_of(entry, key)
      if n == 0 then return get(o, key) end
      return part_at(o, unpack(ranges, 1, 2 * n))
   end
   local value = entry.pointer[place]
   if entry.long then return tonumber(value) end
   return value
end

function H.set_part(o, key, value)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   local place = rawtype(value) == 'number' and entry and entry.writable and place_of(entry, key)
   if place then
      entry.pointer[place] = value
      return
   end
   local n = ranges_of(entry, key)
   if n == 0 then return set(o, key, value) end
   return set_part_at(o, value, unpack(ranges, 1, 2 * n))
end

-- x:data() and storage:data(): a pointer for scripts that use the FFI themselves
function H.pointer(address, ctype)
   return ffi.cast(ctype .. '*', ffi.cast('intptr_t', address))
end
