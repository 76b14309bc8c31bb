-- print as `th` had it: tables with their contents, everything else as Lua's own print shows it.
local H = ...
local rawprint, rawtype, write = print, H.rawtype, io.write
local depth_shown = 5

local function sorted_keys(t)
   local keys = {}
   for key in pairs(t) do keys[#keys + 1] = key end
   table.sort(keys, function(a, b)
      if type(a) == type(b) and (type(a) == 'number' or type(a) == 'string') then return a < b end
      return type(a) < type(b)
   end)
   return keys
end

-- Whether a value is a table without a text of its own
local function is_plain(value)
   local kind = rawtype(value)
   if kind ~= 'table' then return kind == 'userdata' and torch.type(value) == 'table' end
   local m = H.getmetatable(value)
   return not (m and m.__tostring)
end

-- An entry that is no plain table
local function shown(value)
   if type(value) == 'string' then return '"' .. value .. '"' end
   local name = torch.typename(value) or ''
   if torch.isTensor(value) then
      local sizes = value:dim() > 0 and table.concat(value:size():totable(), 'x')
      return name:match('[^.]*$') .. (sizes and ' - size: ' .. sizes or ' - empty')
   elseif name:find('Storage$') then
      return name:match('[^.]*$') .. ' - size: ' .. value:size()
   end
   return tostring(value)
end

local function lines_of(t, depth, lines)
   local tab = ('    '):rep(depth)
   if next(t) == nil then
      lines[#lines + 1] = tab .. '{}'
      return lines
   end
   lines[#lines + 1] = tab .. '{'
   for _, key in ipairs(sorted_keys(t)) do
      local value = t[key]
      local head = tab .. '  ' .. tostring(key) .. ' : '
      if not is_plain(value) then
         lines[#lines + 1] = head .. shown(value)
      elseif depth + 1 >= depth_shown or next(value) == nil then
         lines[#lines + 1] = head .. '{...}'
      else
         lines[#lines + 1] = head
         lines_of(value, depth + 1, lines)
      end
   end
   lines[#lines + 1] = tab .. '}'
   return lines
end

function H.show(value)
   return is_plain(value) and table.concat(lines_of(value, 0, {}), '\n') or tostring(value)
end

-- Several values of which one is a table: it stands in lines of its own
local function print_each(n, ...)
   for i = 1, n do
      local value = select(i, ...)
      local alone = is_plain(value) or type(value) == 'userdata'
      write(H.show(value), (alone or i == n) and '\n' or '\t')
   end
end

function print(...)
   local n = select('#', ...)
   for i = 1, depth_shown > 0 and n or 0 do
      if is_plain((select(i, ...))) then return print_each(n, ...) end
   end
   return rawprint(...)
end
H.print = print

-- How deep tables are printed; 0: not at all
function setprintlevel(n)
   if n == nil or n < 0 then error('expected number [0,+)', 2) end
   depth_shown = math.floor(n)
end

-- The names of a package as globals
function import(name, forced)
   local loaded = require(name)
   local symbols = rawtype(_G[name]) == 'table' and _G[name] or rawtype(loaded) == 'table' and loaded or {}
   for key, value in pairs(symbols) do
      if forced or _G[key] == nil then _G[key] = value end
   end
end

-- The globals of the program
function who()
   print('== User Variables ==')
   for _, key in ipairs(sorted_keys(_G)) do
      if not H.names_before[key] then print(('[%s] = %s'):format(tostring(key), shown(_G[key]))) end
   end
   print('==')
end
