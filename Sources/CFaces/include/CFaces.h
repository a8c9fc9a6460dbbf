#pragma once

// Faces in pictures, over dlib and OpenCV, behind plain C.
//
// Pictures are rows of red, green and blue, 8 bits a sample. Coordinates are pixels from the upper
// left corner; a point's whole numbers are the middles of pixels. "Left" is the picture's left.
// No function throws, keeps a pointer that it was given, or starts a thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// How a call ended.
typedef enum FacesStatus : int32_t {
  FacesStatusOK = 0,
  /// An argument makes no sense, such as a picture without pixels; the message says which.
  FacesStatusArgument = 1,
  /// The eye cascade cannot be read.
  FacesStatusCascade = 2,
  /// There is not enough memory.
  FacesStatusMemory = 3,
  /// No pixel of the scene can be replaced: the mask is empty.
  FacesStatusNothingToBlend = 4,
  /// dlib or OpenCV failed; the message is theirs.
  FacesStatusInternal = 5,
} FacesStatus;

/// Where a failed call leaves its sentence; always ends with a zero.
typedef struct FacesMessage {
  char text[256];
} FacesMessage;

/// A picture that is only read.
typedef struct FacesPicture {
  const uint8_t *samples;
  int32_t width;
  int32_t height;
  /// Bytes from one row to the next, at least three times the width.
  ptrdiff_t stride;
} FacesPicture;

/// A picture that is written to.
typedef struct FacesCanvas {
  uint8_t *samples;
  int32_t width;
  int32_t height;
  /// Bytes from one row to the next, at least three times the width.
  ptrdiff_t stride;
} FacesCanvas;

/// A box of whole pixels; it may stand beyond the picture's edges.
typedef struct FacesBox {
  int32_t x;
  int32_t y;
  int32_t width;
  int32_t height;
} FacesBox;

/// The way a found head looks, as dlib's five trained views tell it.
typedef enum FacesView : int32_t {
  FacesViewFront = 0,
  FacesViewLeft = 1,
  FacesViewRight = 2,
  FacesViewFrontRolledLeft = 3,
  FacesViewFrontRolledRight = 4,
} FacesView;

/// One found face.
typedef struct FacesFound {
  FacesBox box;
  FacesView view;
  /// dlib's confidence: higher is surer, without an upper bound.
  double score;
} FacesFound;

/// The middles of a face's two eyes.
typedef struct FacesEyes {
  double left_x;
  double left_y;
  double right_x;
  double right_y;
  /// Whether both were seen; otherwise they are where a face of that box has them as a rule.
  bool seen;
} FacesEyes;

/// A detector with its eye cascade. One thread at a time may use it.
typedef struct FacesFinder FacesFinder;

/// Makes a finder; `cascade` is the path of one of OpenCV's Haar cascades for eyes.
FacesStatus faces_finder_create(const char *cascade, FacesFinder *_Nullable *_Nonnull finder,
                                FacesMessage *message);

/// Ends a finder.
void faces_finder_destroy(FacesFinder *finder);

/// Finds the frontal faces of `picture`, largest first.
///
/// The picture is searched with its longest side brought to at most `side` pixels; one that is
/// smaller is enlarged, at most twofold. A face is found from 80 pixels of the searched picture
/// on. Writes at most `capacity` faces to `found` and how many there are to `count`.
FacesStatus faces_find(FacesFinder *finder, FacesPicture picture, int32_t side, FacesFound *found,
                       int32_t capacity, int32_t *count, FacesMessage *message);

/// Finds the eyes of the face in `box`.
FacesStatus faces_eyes(FacesFinder *finder, FacesPicture picture, FacesBox box, FacesEyes *eyes,
                       FacesMessage *message);

/// How sharp `box` is: the variance of the Laplacian of its lightness (0 to 255), measured with
/// the box brought to 160 pixels across. A focused face has some hundreds, a smear less than ten.
FacesStatus faces_sharpness(FacesPicture picture, FacesBox box, double *sharpness,
                            FacesMessage *message);

/// Blends `face` over the face of the scene in place, eyes onto eyes.
///
/// Writes inside `touched` only, the box of the mask. The mask ends below the hairline and leaves
/// out hair that falls into the face.
FacesStatus faces_blend(FacesCanvas scene, FacesEyes scene_eyes, FacesPicture face,
                        FacesEyes face_eyes, FacesBox *touched, FacesMessage *message);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
