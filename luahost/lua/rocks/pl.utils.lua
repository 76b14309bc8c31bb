-- Penlight's utils: splitting, files as text, formatted printing.
local utils = {}

function utils.split(text, separator, plain, limit)
   local parts, start = {}, 1
   separator = separator or '%s+'
   if separator == '' then return {text} end
   while true do
      local first, last = text:find(separator, start, plain)
      if not first or last < first or (limit and #parts + 1 >= limit) then
         local rest = text:sub(start)
         if rest ~= '' or plain then parts[#parts + 1] = rest end
         if #parts == 1 and parts[1] == '' then return {} end
         return parts
      end
      parts[#parts + 1] = text:sub(start, first - 1)
      start = last + 1
   end
end

function utils.splitv(text, separator) return unpack(utils.split(text, separator)) end
function utils.printf(form, ...) io.write(form:format(...)) end
function utils.fprintf(file, form, ...) file:write(form:format(...)) end

function utils.readfile(name, binary)
   local file, problem = io.open(name, binary and 'rb' or 'r')
   if not file then return nil, problem end
   local text = file:read('*a')
   file:close()
   return text
end

function utils.writefile(name, text)
   local file, problem = io.open(name, 'w')
   if not file then return nil, problem end
   file:write(text)
   file:close()
   return true
end

function utils.readlines(name)
   local file, problem = io.open(name)
   if not file then return nil, problem end
   local lines = {}
   for line in file:lines() do lines[#lines + 1] = line end
   file:close()
   return lines
end

function utils.execute(command)
   local status = os.execute(command)
   return status == 0 or status == true, status
end

function utils.pack(...) return {n = select('#', ...), ...} end
function utils.is_type(x, name) return type(x) == name end
function utils.escape(text) return (text:gsub('[%-%.%+%[%]%(%)%$%^%%%?%*]', '%%%1')) end
function utils.quit(code, text)
   if type(code) == 'string' then code, text = 1, code end
   if text then io.stderr:write(text, '\n') end
   os.exit(code)
end

function utils.choose(test, a, b) if test then return a else return b end end
function utils.is_callable(x) return require('pl.types').is_callable(x) end
function utils.is_integer(x) return require('pl.types').is_integer(x) end
function utils.memoize(f)
   local kept = {}
   return function(x, ...)
      if kept[x] == nil then kept[x] = f(x, ...) end
      return kept[x]
   end
end
function utils.bind1(f, v) return function(...) return f(v, ...) end end
function utils.bind2(f, v) return function(x, ...) return f(x, v, ...) end end
function utils.assert_arg(i, value, kind, check, message, level)
   if type(value) ~= kind then
      error(("argument %d expected a '%s' got a '%s'"):format(i, kind, type(value)), level or 2)
   end
   if check and not check(value) then error(("argument %d: '%s' %s"):format(i, value, message), level or 2) end
   return value
end
function utils.assert_string(i, value) return utils.assert_arg(i, value, 'string', nil, nil, 3) end
-- 'x, y: x + y' or '|x, y| x + y' as a function
function utils.string_lambda(text)
   local names, body = text:match('^|([^|]*)|(.+)$')
   if not names then names, body = '_', text end
   return assert(loadstring('return function(' .. names .. ') return ' .. body .. ' end'))()
end
function utils.function_arg(i, f)
   if type(f) == 'string' then return utils.string_lambda(f) end
   if utils.is_callable(f) then return f end
   error(('argument %d: must be callable'):format(i), 3)
end
function utils.raise(message) return nil, message end
function utils.on_error() end
utils.unpack, utils.patterns = unpack, {FLOAT = '[%+%-%d]%d*%.?%d*[eE]?[%+%-]?%d*', INTEGER = '[+%-%d]%d*',
                                        IDEN = '[%a_][%w_]*', FILE = '[%a%.\\][:%][%w%._%-\\]*'}
utils.load = load
utils.stdmt = {List = {}, Map = {}, Set = {}, MultiMap = {}}

return utils
