-- torch.Tester: its checks, texts and colours, places in the program, replaced parts, output through io.write
local write = io.write
local function short(text) return (text:gsub("[^%s<']*/tester%.lua:", 'tester.lua:')) end
io.write = function(...) write(short(table.concat{...})) end
local tester = torch.Tester()
local suite = torch.TestSuite()
function suite.equal()
  tester:eq({1, {a = 'x'}}, {1, {a = 'x'}})
  tester:eq(1, 1.5, 'a note')
  tester:eq({deep = {1, 2}}, {deep = {1, 3}})
  tester:assertTensorEq(torch.ones(2), torch.zeros(2), 0.5, 'tensors')
end
local function helper() tester:assertlt(2, 1) end
function suite.nested() helper() end
function suite.raises()
  tester:assertErrorPattern(function() error('some text') end, 'me te')
  tester:assertNoError(function() end)
  tester:assertError(function() end, 'no error')
end
function suite.shapes() tester:assertTensorEq(torch.ones(1, 2), torch.ones(2)) end
function suite.off() error('never') end
print(short(select(2, pcall(function() suite.off = function() end end))))
print(short(select(2, pcall(function() suite.table = {} end))))
tester:add(suite)
tester:disable('off')
print(select(2, pcall(tester.run, tester)):match('An error.*'))
print(tester.countasserts, #tester.errors, #tester.warnings)
print(tester:eq('a', 'a') and tester:ne(1, '1'))
local quiet = torch.Tester()
function quiet:_failure(message) return false, message end
function quiet:_success() return true end
for _, name in ipairs{'assert', 'assertlt', 'assertgt', 'assertle', 'assertge', 'asserteq', 'assertne', 'assertalmosteq'} do
  local a, b = 1, 2
  if name == 'assertgt' or name == 'assertge' then a, b = 0, 1 end
  if name == 'assertlt' or name == 'assertle' then a, b = 2, 1 end
  if name == 'assertne' then a, b = 2, 2 end
  if name == 'assert' then print(quiet:assert(false, 'said')) else print(quiet[name](quiet, a, b)) end
end
for _, pair in ipairs{{1, '1'}, {torch.ones(1), torch.ones(1):float()}, {torch.ones(2), torch.ones(3)}, {{x = 1}, {}},
                      {{}, {y = true}}, {'a', 'b'}, {torch.LongStorage{1}, torch.LongStorage{2}},
                      {torch.ByteTensor{1}, torch.ByteTensor{3}}} do
  print(select(2, quiet:eq(pair[1], pair[2])))
end
print(quiet:ne(torch.ones(2), torch.ones(2)))
local written = {}
io.write = function(...) written[#written + 1] = table.concat{...} end
local other = torch.Tester()
other:add(function() end, 'one')
other:run('o.e')
io.write = write
print(#written > 3, table.concat(written):match('Completed.*'))
print(_)  -- no test leaves a global behind
