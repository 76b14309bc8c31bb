-- Penlight's pretty: tables as text that Lua reads.
local pretty = {}

local function quoted(key)
   if type(key) == 'string' then
      if key:find('^[%a_][%w_]*$') then return key end
      return '["' .. key .. '"]'
   end
   return '[' .. tostring(key) .. ']'
end

local function write(value, space, indent)
   if type(value) == 'string' then return ('%q'):format(value) end
   if type(value) ~= 'table' then return tostring(value) end
   local lines, count = {}, #value
   for i = 1, count do lines[i] = write(value[i], space, indent .. space) end
   local keys = {}
   for key in pairs(value) do
      if not (type(key) == 'number' and key >= 1 and key <= count and key % 1 == 0) then keys[#keys + 1] = key end
   end
   table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
   for _, key in ipairs(keys) do
      lines[#lines + 1] = quoted(key) .. (space == '' and '=' or ' = ') .. write(value[key], space, indent .. space)
   end
   if space == '' then return '{' .. table.concat(lines, ',') .. '}' end
   if #lines == 0 then return '{\n' .. indent .. '}' end
   return '{\n' .. indent .. space .. table.concat(lines, ',\n' .. indent .. space) .. '\n' .. indent .. '}'
end

function pretty.write(value, space) return write(value, space or '  ', '') end
function pretty.dump(value, name)
   if name then return require('pl.utils').writefile(name, pretty.write(value)) end
   print(pretty.write(value))
end
function pretty.read(text)
   local f, problem = loadstring('return ' .. text)
   if not f then return nil, problem end
   return setfenv(f, {})()
end

return setmetatable(pretty, {__call = function(_, value, name) return pretty.dump(value, name) end})
