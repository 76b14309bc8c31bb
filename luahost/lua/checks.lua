-- The checks of torch.Tester: each gives whether it held, and counts itself by `_success` or `_failure`, which a
-- program may replace.
local Tester = torch.Tester
local unpack = unpack
local areEq

local function getMessage(message, ...)
   assert(next{...} == nil, 'Unexpected arguments passed to test function')
   assert(not message or type(message) == 'string', 'message parameter must be a string')
   return (not message or message == '') and '' or message .. '\n'
end

-- A tolerance and a message, whichever way round
local function getToleranceAndMessage(tolerance, ...)
   local message, given
   for _, value in ipairs{...} do
      if type(value) == 'string' then
         if message then error('Unexpected string argument; already have message', value) end
         message = value .. '\n'
      elseif type(value) == 'number' then
         if given then error('Unexpected number argument; already have tolerance', value) end
         assert(value >= 0, 'tolerance cannot be negative')
         given = value
      else
         error('Unrecognized argument; should be a tolerance or message', value)
      end
   end
   return given or tolerance, message or ''
end

function Tester:assert(condition, ...)
   local message = getMessage(...)
   if type(condition) ~= 'boolean' then
      self:_warning(' :assert should only be used for boolean conditions. To check for non-nil variables, do this '
                    .. 'explicitly: Tester:assert(var ~= nil).')
   end
   return self:_assert_sub(condition, message .. 'BOOL violation condition=' .. tostring(condition))
end

-- Comparisons by an operator of Lua: what holds, the name in a failure, and the sign of the opposite

local function add_comparison(name, holds, short, opposite)
   Tester[name] = function(self, a, b, ...)
      local message = getMessage(...)
      if name == 'assertne' and (type(a) == 'table' and type(b) == 'table' or type(a) == 'userdata') then
         self:_warning(' :assertne should only be used to compare basic lua objects (numbers, booleans, etc). '
                       .. 'Consider using either :assertGeneralNe or :assert(a ~= b).')
      end
      return self:_assert_sub(
         holds(a, b), ('%s%s failed: %s %s %s'):format(message, short, tostring(a), opposite, tostring(b)))
   end
end

add_comparison('assertlt', function(a, b) return a < b end, 'LT', '>=')
add_comparison('assertgt', function(a, b) return a > b end, 'GT', '<=')
add_comparison('assertle', function(a, b) return a <= b end, 'LE', '>')
add_comparison('assertge', function(a, b) return a >= b end, 'GE', '<')
add_comparison('asserteq', function(a, b) return a == b end, 'EQ', '~=')
add_comparison('assertne', function(a, b) return a ~= b end, 'NE', '==')

function Tester:assertalmosteq(a, b, ...)
   local tolerance, message = getToleranceAndMessage(1e-16, ...)
   return self:_assert_sub(
      math.abs(a - b) <= tolerance,
      ('%sALMOST_EQ failed: %s ~= %s with tolerance=%s'):format(
         message, tostring(a), tostring(b), tostring(tolerance)))
end

-- Tensors and storages: whether they are as wanted (equal, or with `negate` not), and why not

local function same_format_eq(a, b, tolerance, negate, what)
   if not a.abs then a, b = a:double(), b:double() end  -- tensors of bytes have no abs
   local err = a:clone():add(-1, b):abs():max()
   local ok = err <= tolerance
   if negate then ok = not ok end
   if ok then return true end
   return false, ('%s%s violation: max diff=%s, tolerance=%s'):format(
      what, negate and 'NE(==)' or 'EQ(==)', tostring(err), tostring(tolerance))
end

local function tensors_eq(a, b, tolerance, negate, any_dims)
   if not any_dims and a:dim() ~= b:dim() then return negate, 'The tensors have different dimensions' end
   if a:type() ~= b:type() then return negate, 'The tensors have different types' end
   if a:dim() == 0 and b:dim() == 0 then return not negate, 'Both tensors are empty' end
   local same_size = any_dims and a:nElement() == b:nElement() or not any_dims and a:isSameSizeAs(b)
   if not same_size then return negate, 'The tensors have different sizes' end
   if any_dims then a, b = a:contiguous():view(-1), b:contiguous():view(-1) end
   return same_format_eq(a, b, tolerance, negate, 'Tensor')
end

local function storages_eq(a, b, tolerance, negate)
   if a:size() ~= b:size() then return negate, 'The storages have different sizes' end
   local kind = torch.type(a)
   if kind ~= torch.type(b) then return negate, 'The storages have different types' end
   local make = torch[kind:match('torch%.(%a+)Storage') .. 'Tensor']
   return same_format_eq(make():set(a), make():set(b), tolerance, negate, 'Storage')
end

-- Tables level by level, so that a difference near the top is told first
local function tables_eq(a, b, tolerance, negate)
   local queue, first = {{a, b}}, 1
   while queue[first] do
      local x, y, location = unpack(queue[first], 1, 3)
      first = first + 1
      local function at(key) return (location and location .. '.' or '') .. tostring(key) end
      for key, value in pairs(x) do
         local other = y[key]
         if other == nil then
            return negate, ('Entry %s missing in second table (is %s in first)'):format(at(key), tostring(value))
         end
         if type(value) == 'table' and type(other) == 'table' then
            table.insert(queue, {value, other, at(key)})
         else
            local ok, why = areEq(value, other, tolerance, false)
            if not ok then return negate, 'At table location ' .. at(key) .. ': ' .. (why or '') end
         end
      end
      for key, value in pairs(y) do
         if x[key] == nil then
            return negate, ('Entry %s missing in first table (is %s in second)'):format(at(key), tostring(value))
         end
      end
   end
   return not negate, 'The tables are equal'
end

local function numbers_eq(a, b, tolerance, negate)
   local ok = math.abs(a - b) <= tolerance
   if negate then ok = not ok end
   if ok then return true end
   local why = (negate and 'NE failed: %s == %s' or 'EQ failed: %s ~= %s'):format(tostring(a), tostring(b))
   return false, tolerance > 0 and why .. ' with tolerance=' .. tostring(tolerance) or why
end

function areEq(a, b, tolerance, negate)
   if type(a) ~= type(b) then
      return negate, not negate and ('EQ failed: values have different types (first: %s, second: %s)'):format(
         type(a), type(b)) or nil
   end
   if type(a) == 'number' then return numbers_eq(a, b, tolerance, negate) end
   if type(b) == 'table' then return tables_eq(a, b, tolerance, negate) end
   if torch.isTensor(a) then return tensors_eq(a, b, tolerance, negate) end
   if torch.isStorage(a) then return storages_eq(a, b, tolerance, negate) end
   local ok = a == b
   if negate then ok = not ok end
   if ok then return true end
   return false, (negate and 'NE failed: %s (%s) == %s (%s)' or 'EQ failed: %s (%s) ~= %s (%s)'):format(
      tostring(a), type(a), tostring(b), type(b))
end

function Tester:_eqOrNeq(got, expected, negate, ...)
   local tolerance, message = getToleranceAndMessage(0, ...)
   local ok, why = areEq(got, expected, tolerance, negate)
   return self:_assert_sub(ok, message .. (why or ''))
end

function Tester:assertGeneralEq(got, expected, ...) return self:_eqOrNeq(got, expected, false, ...) end
function Tester:assertGeneralNe(got, unexpected, ...) return self:_eqOrNeq(got, unexpected, true, ...) end
function Tester:eq(got, expected, ...) return self:assertGeneralEq(got, expected, ...) end
function Tester:ne(got, unexpected, ...) return self:assertGeneralNe(got, unexpected, ...) end

function Tester:_assertTensorEqOrNeq(a, b, negate, ...)
   assert(torch.isTensor(a), 'First argument should be a Tensor')
   assert(torch.isTensor(b), 'Second argument should be a Tensor')
   local tolerance, message = getToleranceAndMessage(0, ...)
   local any_dims = self._assertTensorEqIgnoresDims
   local ok, why = tensors_eq(a, b, tolerance, negate, any_dims)
   if any_dims and not negate and ok and not a:isSameSizeAs(b) then
      self:_warning('Tensors have the same content but different dimensions. For backwards compatibility, they are '
                    .. 'considered equal, but this may change in the future. Consider using :eq to check for '
                    .. 'equality instead.')
   end
   return self:_assert_sub(ok, message .. (why or ''))
end

function Tester:assertTensorEq(a, b, ...) return self:_assertTensorEqOrNeq(a, b, false, ...) end
function Tester:assertTensorNe(a, b, ...) return self:_assertTensorEqOrNeq(a, b, true, ...) end

function Tester:_assertTableEqOrNeq(a, b, negate, ...)
   assert(type(a) == 'table', 'First argument should be a Table')
   assert(type(b) == 'table', 'Second argument should be a Table')
   return self:_eqOrNeq(a, b, negate, ...)
end

function Tester:assertTableEq(a, b, ...) return self:_assertTableEqOrNeq(a, b, false, ...) end
function Tester:assertTableNe(a, b, ...) return self:_assertTableEqOrNeq(a, b, true, ...) end

-- Functions that raise errors

function Tester:assertErrorObj(f, is_expected, ...)
   local message = getMessage(...)
   local ok, err = pcall(f)
   return self:_assert_sub(not ok and is_expected(err), ('%sERROR violation: err=%s'):format(message, tostring(err)))
end

function Tester:assertError(f, ...)
   return self:assertErrorObj(f, function() return true end, ...)
end

function Tester:assertErrorMsg(f, text, ...)
   return self:assertErrorObj(f, function(err) return err == text end, ...)
end

function Tester:assertErrorPattern(f, pattern, ...)
   return self:assertErrorObj(f, function(err) return string.find(err, pattern) ~= nil end, ...)
end

function Tester:assertNoError(f, ...)
   local message = getMessage(...)
   local ok, err = pcall(f)
   return self:_assert_sub(ok, ('%sERROR violation: err=%s'):format(message, tostring(err)))
end
