#pragma once

#include <array>
#include <cstdint>

namespace faces {

/// How many triangles lie between the mesh's points. They leave the eyes and the mouth open.
constexpr int triangleCount = 852;

/// The triangles' points by threes, clockwise on the picture of a face that looks at the camera.
extern const std::array<uint16_t, triangleCount * 3> trianglePoints;

// Rings of points, by the picture's sides. Those of the openings start at a corner, and go around from there
// through the lower lid or lip.
constexpr std::array<uint16_t, 36> oval = {10,  109, 67,  103, 54,  21,  162, 127, 234, 93,  132, 58,
                                           172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365,
                                           397, 288, 361, 323, 454, 356, 389, 251, 284, 332, 297, 338};
constexpr std::array<uint16_t, 16> leftEye = {33,  7,   163, 144, 145, 153, 154, 155,
                                              133, 173, 157, 158, 159, 160, 161, 246};
constexpr std::array<uint16_t, 16> rightEye = {263, 249, 390, 373, 374, 380, 381, 382,
                                               362, 398, 384, 385, 386, 387, 388, 466};
constexpr std::array<uint16_t, 20> innerLips = {78,  95,  88,  178, 87,  14, 317, 402, 318, 324,
                                                308, 415, 310, 311, 312, 13, 82,  81,  80,  191};
constexpr std::array<uint16_t, 20> outerLips = {61,  146, 91,  181, 84,  17, 314, 405, 321, 375,
                                                291, 409, 270, 269, 267, 0,  37,  39,  40,  185};
constexpr std::array<uint16_t, 10> leftBrow = {46, 52, 53, 55, 63, 65, 66, 70, 105, 107};
constexpr std::array<uint16_t, 10> rightBrow = {276, 282, 283, 285, 293, 295, 296, 300, 334, 336};

}  // namespace faces
