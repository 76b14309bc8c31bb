-- x[i] and x[i] = v through pointers: a cache entry of a tensor has pointer, length, stride, writable and its rows.
local H = ...
local ffi = require 'ffi'
local get, set, layout = H.get, H.set, H.layout
local ROWS = 4096
local cache = setmetatable({}, {__mode = 'k'})
local sizes = setmetatable({}, {__mode = 'k'})
local floor = math.floor

-- A tensor has taken other memory: rows of others may lie there too
function H.forget_elements()
   cache = setmetatable({}, {__mode = 'k'})
   sizes = setmetatable({}, {__mode = 'k'})
end

-- x:size(d) without a way through Python, from the second time on
function H.size(o, d)
   local known = sizes[o]
   if known == nil then
      known = {H.shape_of(o)}
      sizes[o] = known
   end
   return known[d]
end

local function entry_of(o)
   local address, ctype, count, stride, dims, writable = layout(o)
   local entry = false
   if address then
      entry = {pointer = ffi.cast(ctype .. '*', ffi.cast('intptr_t', address)), count = count, stride = stride,
               vector = dims == 1, writable = writable, long = ctype == 'int64_t', rows = {}, known = 0}
   end
   cache[o] = entry
   return entry
end

function H.element(o, i)
   local entry = cache[o]
   if entry == nil then entry = entry_of(o) end
   if not entry or i < 1 or i > entry.count or floor(i) ~= i then return get(o, i) end
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
   if not entry or not entry.vector or not entry.writable or i < 1 or i > entry.count or floor(i) ~= i then
      return set(o, i, value)
   end
   entry.pointer[(i - 1) * entry.stride] = value
end

-- x:data() and storage:data(): a pointer for scripts that use the FFI themselves
function H.pointer(address, ctype)
   return ffi.cast(ctype .. '*', ffi.cast('intptr_t', address))
end
