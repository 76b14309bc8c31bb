-- package image: files, scaling, cutting, turning, colours
-- args: $DIR
require 'image'
local x = torch.range(1, 12):resize(1, 3, 4):div(12)
print(image.hflip(x)[1][1], image.vflip(x)[1][1])
print(image.crop(x, 1, 0, 3, 2), image.crop(x, 'br', 1, 2):size(2))
print(image.scale(torch.Tensor{{0, 1}, {2, 3}}, 3, 3))
print(image.scale(torch.range(1, 4):resize(1, 4), 2, 1), image.scale(torch.range(1, 3):resize(1, 3), 2, 1))
print(image.scale(torch.range(1, 4):resize(2, 2), 4, 2, 'simple'))
print(#image.scale(torch.rand(3, 20, 10), 5), #image.scale(torch.rand(3, 20, 10), '^5'), #image.scale(torch.rand(20, 10), '4x6'))
local file = paths.concat(arg[1], 'a.png')
local y = torch.Tensor{{{0, 1}}, {{0.2, 0.4}}, {{1, 2}}}
image.save(file, y)
print((image.load(file) - y:clamp(0, 1)):abs():max() < 1e-9, image.load(file, 1):size(1), image.load(file, 3, 'byte')[2][1][1])
print(image.rgb2y(torch.ones(3, 1, 1))[1][1][1], image.minmax{tensor = torch.Tensor{1, 2, 3}}[2])
print((image.yuv2rgb(image.rgb2yuv(y)) - y):abs():max() < 1e-3)
print(pcall(image.crop, x, 0, 0, 9, 9) == false)
