-- a program that asks for CUDA inside of pcall is refused, as on a machine without a GPU
local ok, problem = pcall(require, 'cutorch')
print(ok, problem:match('not found'))
print(pcall(function() return require 'cunn' end) == false, xpcall(function() require 'cudnn' end, function(e) return 1 end))
print(package.loaded.cutorch, cutorch)
