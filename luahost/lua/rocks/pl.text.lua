-- Penlight's text: templates, lines set in and broken, and a form that takes any values.
local utils = require 'pl.utils'
local stringx = require 'pl.stringx'
local text = {}

function text.indent(s, n, char)
   local before = (char or ' '):rep(n)
   local lines = stringx.splitlines(s)
   for i, line in ipairs(lines) do lines[i] = before .. line end
   return table.concat(lines, '\n') .. '\n'
end
function text.dedent(s)
   local lines = stringx.splitlines(s)
   local n = #(lines[1] or ''):match('^%s*')
   for i, line in ipairs(lines) do lines[i] = line:sub(n + 1) end
   return table.concat(lines, '\n') .. '\n'
end
function text.wrap(s, width)
   local lines, line = {}, ''
   for word in s:gmatch('%S+') do
      if line ~= '' and #line + 1 + #word > (width or 70) then
         lines[#lines + 1], line = line, word
      else
         line = line == '' and word or line .. ' ' .. word
      end
   end
   if line ~= '' then lines[#lines + 1] = line end
   return require('pl.List')(lines)
end
function text.fill(s, width) return text.wrap(s, width):concat('\n') .. '\n' end

local Template = {}
Template.__index = Template
local function substituted(s, values, strict)
   local function value_of(name)
      local value = type(values) == 'function' and values(name) or values[name]
      if value == nil and strict then error('not present in table ' .. name, 4) end
      return value ~= nil and tostring(value) or nil
   end
   return (s:gsub('%${([%w_]+)}', value_of):gsub('%$([%w_]+)', value_of))
end
function Template:substitute(values) return substituted(self.tmpl, values, true) end
function Template:safe_substitute(values) return substituted(self.tmpl, values, false) end
function text.Template(s) return setmetatable({tmpl = s}, Template) end

function text.format(form, ...) return form:format(...) end
-- 'a %d' % 3: strings have it here from the start
function text.format_operator() end
text.printf = utils.printf

return text
