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

return utils
