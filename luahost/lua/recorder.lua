-- What an instrumented program calls: which types, tables and functions were seen at each numbered place.
local H = ...
local rawtype, rawget, rawgetmetatable = H.rawtype, H.rawget, H.getmetatable
local floor, select, tostring = math.floor, select, tostring
local VISITS = 300
local seen, visits = {}, {}
local tables = setmetatable({}, {__mode = 'k'})      -- table -> number of its constructor
local functions = setmetatable({}, {__mode = 'k'})   -- function -> number of its definition
local named = {}                                      -- packages and libraries
local rawsetmetatable = setmetatable

local function add(id, key)
   local site = seen[id]
   if not site then
      site = {}
      seen[id] = site
   end
   site[key] = (site[key] or 0) + 1
end
H.note = add

local function number_word(v)
   if v ~= v then return 'number:nan' end
   if v == math.huge or v == -math.huge then return 'number:inf' end
   if floor(v) ~= v then return 'number:float' end
   return v > 0 and 'number:positive' or v == 0 and 'number:zero' or 'number:negative'
end

local function content(t)
   local count, strings, others = 0, 0, 0
   for key in H.rawpairs(t) do
      count = count + 1
      if count > 64 then break end
      if rawtype(key) == 'string' then strings = strings + 1
      elseif rawtype(key) ~= 'number' or key < 1 or key > #t then others = others + 1 end
   end
   if rawgetmetatable(t) then return 'meta' end
   if count == 0 then return 'empty' end
   if others > 0 then return strings > 0 and strings < count - others and 'mixed' or 'other' end
   return strings == 0 and 'array' or strings == count and 'record' or 'mixed'
end

local function table_word(t)
   if named[t] and not tables[t] then return named[t] end  -- what a file returns is known by its constructor
   local m = rawgetmetatable(t)
   if rawtype(m) == 'table' and rawget(t, '__typename') then return 'class:' .. tostring(rawget(t, '__typename')) end
   if rawtype(m) == 'table' and rawget(m, '__typename') then return 'object:' .. rawget(m, '__typename') end
   local id = tables[t] or 0
   if id == 0 and not m then
      local count = 0
      for _, value in H.rawpairs(t) do  -- a module of Python as a table of its functions
         if rawtype(value) == 'function' and H.unwrap(value) then return 'object:functions' end
         count = count + 1
         if count > 64 then break end
      end
   end
   add('table', id .. ':' .. content(t))
   return 'table:' .. id .. (id == 0 and ':' .. content(t) or '')
end

-- Text beyond ASCII: bytes of UTF-8, or others
local function text_word(s)
   if not s:find('[\128-\255]') then return 'string' end
   local rest = s:gsub('[\194-\223][\128-\191]', ''):gsub('[\224-\239][\128-\191][\128-\191]', '')
   rest = rest:gsub('[\240-\244][\128-\191][\128-\191][\128-\191]', '')
   return rest:find('[\128-\255]') and 'string:raw' or 'string:bytes'
end

local function word(v)
   local t = rawtype(v)
   if t == 'string' then return text_word(v) end
   if t == 'number' then return number_word(v) end
   if t == 'function' then return 'function:' .. (functions[v] or (H.unwrap(v) and 'python' or 'lua')) end
   if t == 'table' then return table_word(v) end
   if t ~= 'userdata' then return t end
   if io.type(v) then return 'file' end
   return H.describe(v)
end

local function note(id, v)
   local n = (visits[id] or 0) + 1
   visits[id] = n
   if n > VISITS and rawtype(v) ~= 'number' and rawtype(v) ~= 'nil' and rawtype(v) ~= 'boolean' then return end
   add(id, word(v))
end

function __v(id, v)
   note(id, v)
   return v
end

local receivers = {}
local function shape_of(v)
   return rawtype(v) == 'userdata' and not io.type(v) and H.shape(v) or nil
end

function __o(id, v)
   note('o' .. id, v)
   receivers[id] = (visits['o' .. id] or 0) < VISITS and rawtype(v) == 'userdata' and {v, shape_of(v)} or nil
   return v
end

local function results(id, count, ...)
   add(id, 'count:' .. count)
   for i = 1, math.min(count, 6) do note(i == 1 and id or id .. '.' .. i, (select(i, ...))) end
   if count == 0 then add(id, 'nothing') end
   local receiver = receivers[id]
   if receiver and receiver[2] then
      receivers[id] = nil
      if shape_of(receiver[1]) ~= receiver[2] then add(id, 'resized') end
   end
end

function __m(id, ...)
   results(id, select('#', ...), ...)
   return ...
end

function __1(id, ...)
   results(id, select('#', ...), ...)
   return (...)
end

local function relation(id, t, k)
   if rawtype(k) == 'number' and rawtype(t) == 'table' then
      local n = #t
      add(id, floor(k) ~= k and 'key:other' or k >= 1 and k <= n and 'key:inside' or k == n + 1 and 'key:next' or 'key:outside')
   elseif rawtype(k) == 'number' and rawtype(t) == 'userdata' and not io.type(t) then
      local n = H.count(t)
      if n then add(id, k >= 1 and k <= n and 'key:inside' or k == n + 1 and 'key:next' or 'key:outside') end
   else
      add(id, rawtype(k) == 'string' and 'key:string' or 'key:other')
   end
end

function __i(id, t, k)
   local v = t[k]
   relation(id, t, k)
   note(id, v)
   return v
end

local targets = {}
function __p(id, t)
   note('o' .. id, t)
   targets[id] = t
   return t
end

function __k(id, k)
   relation(id, targets[id], k)
   targets[id] = nil
   note('k' .. id, k)
   return k
end

function __c(id, t)
   tables[t] = id
   return t
end

function __f(id, f)
   functions[f] = id
   return f
end

function __n(id, own, extra, ...)
   add('f' .. id, 'extra:' .. extra)
   for i = 1, own do note('f' .. id .. '.' .. i, (select(i, ...))) end
end

-- in a generic for: how many values each round has
function __g(id, f, s, c)
   if rawtype(f) == 'function' and f ~= next and not (f == H.ipairs_step) then
      add(id, functions[f] and 'iterator:own' or H.unwrap(f) and 'iterator:python' or 'iterator:lua')
   end
   if rawtype(f) == 'function' then
      local function step(...)
         local n = select('#', ...)
         if (...) ~= nil then add(id, 'round:' .. n) end
         return ...
      end
      return function(a, b) return step(f(a, b)) end, s, c
   end
   return f, s, c
end

function setmetatable(t, m)
   if tables[t] then add('table', tables[t] .. ':meta') end
   if rawtype(m) == 'table' and tables[m] then add('table', tables[m] .. ':meta') end
   return rawsetmetatable(t, m)
end

function H.name_packages()
   for name, loaded in H.rawpairs(package.loaded) do
      if rawtype(loaded) == 'table' then named[loaded] = 'package:' .. name end
   end
   named[_G] = 'package:_G'
end

function H.seen()
   local lines = {}
   for id, site in H.rawpairs(seen) do
      for key, count in H.rawpairs(site) do lines[#lines + 1] = tostring(id) .. ' ' .. key .. ' ' .. count end
   end
   return table.concat(lines, '\n')
end

H.name_packages()
local required = require
function require(name)
   local loaded = required(name)
   H.name_packages()
   return loaded
end

-- Files that the program runs or requires are instrumented too
local function instrumented(path, name)
   local file, problem = io.open(path)
   if not file then return nil, problem end
   local text = file:read('*a')
   file:close()
   return loadstring(H.instrument(name or H.real_path(path), text), '@' .. path)
end

function loadfile(path)
   return instrumented(path)
end

function dofile(path)
   return assert(instrumented(path))()
end

table.insert(package.loaders, 2, function(name)
   for template in package.path:gmatch('[^;]+') do
      local path = template:gsub('%?', (name:gsub('%.', '/')))
      local found = instrumented(path, name)
      if found then return found end
   end
end)
