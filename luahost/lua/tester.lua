-- torch.Tester and torch.TestSuite: tests of a program are Lua functions, their failures have its lines, and what is
-- written goes through its io.write. torch7.Tester is the same for Python.
local H = ...
local Tester = torch.class('torch.Tester')
local WIDTH = 80
local order = setmetatable({}, {__mode = 'k'})  -- of a table of tests: their names as they were defined

local function named(tests, name)
   order[tests] = order[tests] or {}
   table.insert(order[tests], name)
end

-- The names of those of `chosen` in the order of `tests`; names that were put into it by hand come last
local function in_order(tests, chosen)
   local names, seen = {}, {}
   for _, name in ipairs(order[tests] or {}) do
      if chosen[name] ~= nil and not seen[name] then names[#names + 1], seen[name] = name, true end
   end
   for name in pairs(chosen) do
      if not seen[name] then names[#names + 1] = name end
   end
   return names
end

function torch.TestSuite()
   local tests = {}
   local suite = {__tests = tests, __isTestSuite = true}
   return setmetatable(suite, {
      __index = tests,
      __newindex = function(_, name, f)
         if tests[name] ~= nil then error('Test ' .. tostring(name) .. ' is already defined.', 2) end
         if type(f) == 'table' then error('Nested tables of tests are not supported', 2) end
         if type(f) ~= 'function' then error('Only functions are supported as members of a TestSuite', 2) end
         tests[name] = f
         named(tests, name)
      end,
   })
end

function Tester:__init()
   self.errors, self.warnings, self.tests = {}, {}, {}
   self._warningCount, self.disabledTests = {}, {}
   self.assertionPass, self.assertionFail = {}, {}  -- a check outside of `run` counts too
   self._currentTestName = ''
   self._assertTensorEqIgnoresDims = true  -- {{1}} is {1} for assertTensorEq, with a warning
end

function Tester:setEarlyAbort(flag) self.earlyAbort = flag end
function Tester:setRethrowErrors(flag) self.rethrow = flag end
function Tester:setSummaryOnly(flag) self.summaryOnly = flag end

-- What checks come to. A failure is told with the two lines of the program below the frame that ran the test.

function Tester:_success()
   local name = self._currentTestName
   self.assertionPass[name] = (self.assertionPass[name] or 0) + 1
   return true
end

function Tester:_addDebugInfo(message)
   local place = debug.traceback('tester', 3):match('.-\n([^\n]+\n[^\n]+)\n[^\n]+xpcall') or ''
   local name = self._currentTestName
   return (name == '' and '' or name .. '\n') .. message .. '\n' .. place
end

function Tester:_failure(message)
   if self.rethrow then error(message, 2) end
   local name = self._currentTestName
   self.assertionFail[name] = (self.assertionFail[name] or 0) + 1
   table.insert(self.errors, self:_addDebugInfo(message))
   return false
end

function Tester:_warning(message)
   local name = self._currentTestName
   self._warningCount[name] = (self._warningCount[name] or 0) + 1
   table.insert(self.warnings, self:_addDebugInfo(message))
end

function Tester:_assert_sub(holds, message)
   if holds then return self:_success() end
   return self:_failure(message)
end

-- Tests

local function add_table(tester, tests)
   if tests.__isTestSuite then
      tests = tests.__tests
   else
      tester:_warning('Should use TestSuite rather than plain lua table')
   end
   for _, name in ipairs(in_order(tests, tests)) do
      assert(type(tests[name]) ~= 'table', 'Nested sets of tests are not supported')
      tester:add(tests[name], name)
   end
   return tester
end

function Tester:add(f, name)
   if type(f) == 'table' then
      assert(name == nil, 'Name parameter is forbidden for a table of tests, since its use is ambiguous')
      return add_table(self, f)
   end
   assert(type(f) == 'function', 'Only tables of functions and functions supported')
   if name == '_setUp' or name == '_tearDown' then
      assert(not self[name], 'Only one ' .. (name == '_setUp' and 'set-up' or 'tear-down') .. ' function allowed')
      self[name] = f
      return self
   end
   name = name or 'unknown'
   if self.tests[name] ~= nil then error('Test with name ' .. name .. ' already exists!') end
   self.tests[name] = f
   named(self.tests, name)
   return self
end

function Tester:disable(names)
   if type(names) == 'string' then names = {names} end
   assert(type(names) == 'table', 'Expecting name or list for disable')
   for _, name in ipairs(names) do
      assert(self.tests[name], "Unrecognized test '" .. name .. "'")
      self.disabledTests[name] = true
   end
   return self
end

-- All tests, or those whose names the patterns match
function Tester:_getTests(patterns)
   if patterns == nil then return self.tests end
   if type(patterns) == 'string' then patterns = {patterns} end
   assert(type(patterns) == 'table', 'Only accept a name or table of test names (or nil for all tests)')
   local tests = {}
   for _, pattern in ipairs(patterns) do
      local found = false
      for name, f in pairs(self.tests) do
         if string.match(name, pattern) then tests[name], found = f, true end
      end
      assert(found, "Couldn't find test '" .. pattern .. "'")
   end
   return tests
end

-- Running them

local colours = {cyan = 36, yellow = 33, magenta = 35, red = 31, green = 32}

-- A program that `th` started has `arg` and writes in colours, wherever to
local function coloured(text, colour)
   if not arg then return text end
   return ('\27[0;%dm%s\27[0m'):format(colours[colour], text)
end

local function bracket(text, colour) return '[' .. coloured(text, colour) .. ']' end

local function count(n, what) return n .. ' ' .. what .. (n == 1 and '' or 's') end

function Tester:_pcall(f)
   local before = #self.errors
   local ok, result = xpcall(f, debug.traceback)
   if not ok then
      table.insert(self.errors, self._currentTestName .. '\n Function call failed\n' .. result .. '\n')
   end
   return ok, result, ok and before == #self.errors
end

-- 'SKIP', 'ERROR', 'FAIL' or 'PASS' of one test, with its colour
local function run_one(tester, name, f)
   if tester.disabledTests[name] then return 'SKIP', 'yellow' end
   if tester._setUp then tester._setUp(name) end
   local ok, _, pass = true, nil, nil
   if tester.rethrow then
      local before = #tester.errors
      f()
      pass = before == #tester.errors
   else
      ok, _, pass = tester:_pcall(f)
   end
   if tester._tearDown then tester._tearDown(name) end
   if not ok then
      tester.testError[name] = 1
      return 'ERROR', 'magenta'
   end
   return pass and 'PASS' or 'FAIL', pass and 'green' or 'red'
end

function Tester:_run(tests)
   local names = in_order(self.tests, tests)
   local digits = #tostring(#names)
   io.write('Running ' .. count(#names, 'test') .. '\n')
   for i, name in ipairs(names) do
      self._currentTestName = name
      local head = coloured(('%' .. digits .. 'd/%d '):format(i, #names), 'cyan') .. name .. ' '
         .. ('.'):rep(WIDTH - 8 - 2 * digits - 2 - #name) .. ' '
      io.write(head .. bracket('WAIT', 'cyan'))
      io.flush()
      local outcome, colour = run_one(self, name, tests[name])
      io.write('\r')
      io.write(head)
      io.write(bracket(outcome, colour))
      if outcome == 'PASS' and self._warningCount[name] > 0 then
         io.write('\n' .. (' '):rep(WIDTH - 10))
         io.write(bracket('+warning', 'yellow'))
      end
      io.write('\n')
      io.flush()
      if self.earlyAbort and i < #names and (outcome == 'FAIL' or outcome == 'ERROR') then
         io.write('Aborting on first error, not all tests have been executed\n')
         break
      end
      collectgarbage()
   end
end

-- How many of the tests have a number above zero in a table
local function how_many(tests, numbers)
   local n = 0
   for name in pairs(tests) do
      if numbers[name] and numbers[name] ~= 0 then n = n + 1 end
   end
   return n
end

function Tester:_report(tests)
   self.countasserts = 0
   local n = 0
   for name in pairs(tests) do
      n = n + 1
      self.countasserts = self.countasserts + self.assertionFail[name] + self.assertionPass[name]
   end
   local failures, errors = how_many(tests, self.assertionFail), how_many(tests, self.testError)
   local warned = how_many(tests, self._warningCount) + (self._warningCount[''] or 0)
   local skipped = how_many(tests, self.disabledTests)
   io.write('Completed ' .. count(self.countasserts, 'assert'))
   io.write(' in ' .. count(n, 'test') .. ' with ')
   io.write(coloured(count(failures, 'failure'), failures == 0 and 'green' or 'red'))
   io.write(' and ')
   io.write(coloured(count(errors, 'error'), errors == 0 and 'green' or 'magenta'))
   if warned > 0 then io.write(' and ' .. coloured(count(warned, 'warning'), 'yellow')) end
   if skipped > 0 then io.write(' and ' .. coloured(skipped .. ' disabled', 'yellow')) end
   io.write('\n')
   if self.summaryOnly then return end
   local line, before = ('-'):rep(WIDTH) .. '\n', ('-'):rep(WIDTH) .. '\n'
   for _, notes in ipairs{self.errors, self.warnings} do
      for _, note in ipairs(notes) do
         io.write(before .. note .. '\n' .. line)
         before = ''
      end
   end
end

function Tester:run(patterns)
   local tests = self:_getTests(patterns)
   self.assertionPass, self.assertionFail, self.testError, self.haveWarning = {}, {}, {}, {}
   for name in pairs(tests) do
      self.assertionPass[name], self.assertionFail[name], self.testError[name] = 0, 0, 0
      self._warningCount[name] = 0
   end
   self:_run(tests)
   self:_report(tests)
   for name in pairs(tests) do
      local failed = self.assertionFail[name] ~= 0 or self.testError[name] ~= 0
      assert(not failed, 'An error was found while running tests!')
   end
   return 0
end
