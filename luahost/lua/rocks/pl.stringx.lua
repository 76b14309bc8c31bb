-- Penlight's stringx: more functions of strings.
local utils = require 'pl.utils'
local stringx = {}

local function set_of(chars) return chars and '[' .. utils.escape(chars) .. ']' or '%s' end

function stringx.split(text, separator, limit) return utils.split(text, separator or '%s+', separator ~= nil, limit) end
function stringx.lstrip(text, chars) return (text:gsub('^' .. set_of(chars) .. '+', '')) end
function stringx.rstrip(text, chars)
   local last = #text
   local pattern = '^' .. set_of(chars) .. '$'
   while last > 0 and text:sub(last, last):find(pattern) do last = last - 1 end
   return text:sub(1, last)
end
function stringx.strip(text, chars) return stringx.rstrip(stringx.lstrip(text, chars), chars) end
function stringx.startswith(text, start) return text:sub(1, #start) == start end
function stringx.endswith(text, ending) return ending == '' or text:sub(-#ending) == ending end
function stringx.join(separator, parts) return table.concat(parts, separator) end
function stringx.count(text, part) return select(2, text:gsub(utils.escape(part), '')) end
function stringx.replace(text, old, new, n)
   return (text:gsub(utils.escape(old), (new:gsub('%%', '%%%%')), n))
end
function stringx.splitlines(text)
   local lines = {}
   for line in (text:sub(-1) == '\n' and text or text .. '\n'):gmatch('(.-)\r?\n') do lines[#lines + 1] = line end
   return lines
end
function stringx.isalpha(text) return text:find('^%a+$') == 1 end
function stringx.isdigit(text) return text:find('^%d+$') == 1 end
function stringx.isalnum(text) return text:find('^%w+$') == 1 end
function stringx.isspace(text) return text:find('^%s+$') == 1 end
function stringx.islower(text) return text:find('^[%l%s]+$') == 1 end
function stringx.isupper(text) return text:find('^[%u%s]+$') == 1 end
function stringx.lfind(text, part, first) return (text:find(part, first or 1, true)) end
function stringx.title(text) return (text:gsub('(%S)(%S*)', function(a, b) return a:upper() .. b:lower() end)) end
function stringx.partition(text, separator)
   local first, last = text:find(separator, 1, true)
   if not first then return text, '', '' end
   return text:sub(1, first - 1), separator, text:sub(last + 1)
end
function stringx.ljust(text, width, char) return text .. (char or ' '):rep(width - #text) end
function stringx.rjust(text, width, char) return (char or ' '):rep(width - #text) .. text end
function stringx.rpartition(text, separator)
   local first, last = stringx.rfind(text, separator)
   if not first then return '', '', text end
   last = first + #separator - 1
   return text:sub(1, first - 1), separator, text:sub(last + 1)
end
function stringx.rfind(text, part, first)
   for i = math.min(first or #text, #text - #part + 1), 1, -1 do
      if text:sub(i, i + #part - 1) == part then return i end
   end
end
function stringx.center(text, width, char)
   local space = math.max(width - #text, 0)
   local left = math.floor(space / 2)
   return (char or ' '):rep(left) .. text .. (char or ' '):rep(space - left)
end
function stringx.expandtabs(text, n)
   n = n or 8
   return (text:gsub('([^\t\r\n]*)\t', function(before) return before .. (' '):rep(n - #before % n) end))
end
function stringx.at(text, i) return text:sub(i, i) end
function stringx.lines(text)
   local i, lines = 0, stringx.splitlines(text)
   return function()
      i = i + 1
      return lines[i]
   end
end
function stringx.shorten(text, n, tail)
   if #text <= n then return text end
   return tail and '...' .. text:sub(#text - n + 4) or text:sub(1, n - 3) .. '...'
end
function stringx.quote_string(text) return ('%q'):format(text) end
function stringx.format_operator() end
function stringx.Template(text) return require('pl.text').Template(text) end
function stringx.import()
   for name, f in pairs(stringx) do string[name] = string[name] or f end
end

return stringx
