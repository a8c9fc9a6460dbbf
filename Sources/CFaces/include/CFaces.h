#pragma once

// Faces in pictures, over OpenCV, behind plain C.
//
// Pictures are rows of red, green and blue, and opacity where there are four channels, 8 bits a
// sample. Coordinates are pixels from the upper
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
  /// A network cannot be read.
  FacesStatusNetwork = 2,
  /// There is not enough memory.
  FacesStatusMemory = 3,
  /// No pixel of the scene can be replaced: the mask is empty.
  FacesStatusNothingToBlend = 4,
  /// A network that the user brought, or what runs it, cannot be used; the message says why.
  FacesStatusModel = 6,
  /// OpenCV failed; the message is its.
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
  /// 3, or 4 with an opacity that nobody looks at.
  int32_t channels;
  /// Bytes from one row to the next, at least the width times the channels.
  ptrdiff_t stride;
} FacesPicture;

/// A picture that is written to.
typedef struct FacesCanvas {
  uint8_t *samples;
  int32_t width;
  int32_t height;
  /// 3, or 4 with an opacity that stays as it is.
  int32_t channels;
  /// Bytes from one row to the next, at least the width times the channels.
  ptrdiff_t stride;
} FacesCanvas;

/// A box of whole pixels; it may stand beyond the picture's edges.
typedef struct FacesBox {
  int32_t x;
  int32_t y;
  int32_t width;
  int32_t height;
} FacesBox;

/// How many points a face's mesh has.
enum { FacesMeshPoints = 468 };

/// The points of a face, in the order of MediaPipe's face mesh.
typedef struct FacesMesh {
  /// x, y and z of each point in the picture's pixels; z grows away from the camera, and is about 0 at
  /// the middle of the head.
  float places[FacesMeshPoints * 3];
  /// How sure the network is that a face is there, 0 to 1.
  double score;
} FacesMesh;

/// One found face.
typedef struct FacesFound {
  /// The smallest box that holds the mesh: from ear to ear, from the upper forehead to the chin.
  FacesBox box;
  FacesMesh mesh;
  /// The lesser certainty of the detector and the mesh, 0 to 1.
  double score;
} FacesFound;

/// The middles of a face's two eyes.
typedef struct FacesEyes {
  double left_x;
  double left_y;
  double right_x;
  double right_y;
} FacesEyes;

/// What a mesh says of a face.
typedef struct FacesMeasures {
  FacesEyes eyes;
  /// Where the head looks, in degrees: to the picture's right, down, and turned clockwise.
  double yaw;
  double pitch;
  double roll;
  /// How far the lips stand apart, as a share of the eyes' distance.
  double openness;
} FacesMeasures;

/// The content of a file.
typedef struct FacesBytes {
  const uint8_t *start;
  size_t count;
} FacesBytes;

/// A detector and a mesh's network. One thread at a time may use it.
typedef struct FacesFinder FacesFinder;

/// Makes a finder from two networks in ONNX: MediaPipe's full-range BlazeFace and its face mesh.
FacesStatus faces_finder_create(FacesBytes detector, FacesBytes mesh,
                                FacesFinder *_Nullable *_Nonnull finder, FacesMessage *message);

/// Ends a finder.
void faces_finder_destroy(FacesFinder *finder);

/// Finds the faces of `picture`, largest first: what the detector and the mesh's network both take
/// for one.
///
/// A picture of more than 640 pixels is looked at in overlapping squares too, for small faces; not where only
/// the `largest` matters and the whole shows one that is surely it: it comes first then, the very same. Writes at most `capacity` faces to `found` and how many
/// there are to `count`.
FacesStatus faces_find(FacesFinder *finder, FacesPicture picture, bool largest, FacesFound *found,
                       int32_t capacity, int32_t *count, FacesMessage *message);

/// Looks once more at the face that is about where `near` says: in the next frame, or in the same
/// picture at another size.
FacesStatus faces_look(FacesFinder *finder, FacesPicture picture, const FacesMesh *near,
                       FacesFound *found, FacesMessage *message);

/// What a mesh says of its face.
void faces_mesh_measure(const FacesMesh *mesh, FacesMeasures *measures);

/// How sharp `box` is: the variance of the Laplacian of its lightness (0 to 255), measured with
/// the box brought to 160 pixels across. A focused face has some hundreds, a smear less than ten.
FacesStatus faces_sharpness(FacesPicture picture, FacesBox box, double *sharpness,
                            FacesMessage *message);

/// Tells two pictures apart by their size and samples. Quick, and no protection against forgers.
void faces_fingerprint(FacesPicture picture, uint64_t fingerprint[_Nonnull 2]);

/// How much each face of `scene` differs in `result`, which shows the same at any size.
///
/// For each of `count` meshes of the scene one number goes to `differences`: the mean difference of small
/// squares of the face, as a share of the contrast between them, without what brightness and contrast did all
/// over the picture. A face that was only encoded anew has some hundredths, another face several tenths.
FacesStatus faces_difference(FacesPicture scene, FacesPicture result, const FacesMesh *meshes, int32_t count,
                             double *differences, FacesMessage *message);

/// How much the part that differs most does so, in levels of 255: for scenes without a known face.
FacesStatus faces_difference_of_parts(FacesPicture scene, FacesPicture result, double *difference,
                                      FacesMessage *message);

/// One face that is put over that of a still, or of many frames. One thread at a time may use it.
///
/// What belongs to the face alone is done once. In frames, colour and mask follow the scene slowly, so that
/// their noise does not make them flicker; a frame whose part under the face is that of the one before gets
/// the very same pixels.
typedef struct FacesBlender FacesBlender;

/// Makes a blender of the face of `picture` that lies by `mesh`; the samples are copied. `moving` says that
/// frames will follow: eyes and open mouths then stay the scene's, because they move.
FacesStatus faces_blender_create(FacesPicture picture, const FacesMesh *mesh, bool moving,
                                 FacesBlender *_Nullable *_Nonnull blender, FacesMessage *message);

/// Ends a blender.
void faces_blender_destroy(FacesBlender *blender);

/// Puts the face over the one of `scene` that lies by `mesh`, in place.
///
/// Writes inside `touched` only. What covers the scene's face, and what its own picture does not show of
/// the new one, stays the scene's. `fresh` says that the frame does not follow the last one: nothing is
/// remembered then.
FacesStatus faces_blender_blend(FacesBlender *blender, FacesCanvas scene, const FacesMesh *mesh,
                                bool fresh, FacesBox *touched, FacesMessage *message);

/// Takes another face's picture for the next frame, in place of the one before: colour, mask, focus and grain
/// go on slowly. For pictures that a network makes of each frame.
FacesStatus faces_blender_renew(FacesBlender *blender, FacesPicture picture, const FacesMesh *mesh,
                                FacesMessage *message);

/// Puts the very same pixels over a frame whose part under the face is that of the one before. `same` says
/// whether it is.
FacesStatus faces_blender_repeat(FacesBlender *blender, FacesCanvas scene, const FacesMesh *mesh,
                                 FacesBox *touched, bool *same, FacesMessage *message);

/// onnxruntime, loaded at run time. It stays loaded.
typedef struct FacesRuntime FacesRuntime;

/// Loads onnxruntime from the library at `path`.
FacesStatus faces_runtime_load(const char *path, FacesRuntime *_Nullable *_Nonnull runtime,
                               FacesMessage *message);

/// Its version, such as "1.32.0".
const char *faces_runtime_version(const FacesRuntime *runtime);

/// A network of the user's that tells identities: a picture of 1x3xNxN in, a vector of 1xN out. One thread at
/// a time may use it.
typedef struct FacesEmbedder FacesEmbedder;

/// Makes an embedder; writes the side of its picture and the length of its vector.
FacesStatus faces_embedder_create(FacesRuntime *runtime, FacesBytes model,
                                  FacesEmbedder *_Nullable *_Nonnull embedder, int32_t *side, int32_t *length,
                                  FacesMessage *message);

/// Ends an embedder.
void faces_embedder_destroy(FacesEmbedder *embedder);

/// The identity of the face of `picture` that lies by `mesh`, as a vector of length 1. The face is brought to
/// ArcFace's template; samples go in as red, green, blue, from -1 to 1.
FacesStatus faces_embedder_embed(FacesEmbedder *embedder, FacesPicture picture, const FacesMesh *mesh,
                                 float *vector, FacesMessage *message);

/// The same of 3 * side * side numbers as they are.
FacesStatus faces_embedder_run(FacesEmbedder *embedder, const float *picture, float *vector,
                               FacesMessage *message);

/// A network of the user's that swaps faces: a picture of 1x3xNxN and a vector of 1xM in, a picture out. One
/// thread at a time may use it.
typedef struct FacesSwapper FacesSwapper;

/// How a swap network wants its picture.
typedef struct FacesSwapForm {
  /// Samples go from -1 to 1, else from 0 to 1.
  bool is_signed;
  /// The template with room beside the face, as networks of 128 pixels and its multiples have it.
  bool wide;
} FacesSwapForm;

/// Makes a swap network; writes the side of its picture and the length of its vector.
FacesStatus faces_swapper_create(FacesRuntime *runtime, FacesBytes model,
                                 FacesSwapper *_Nullable *_Nonnull swapper, int32_t *side, int32_t *length,
                                 FacesMessage *message);

/// Ends a swap network.
void faces_swapper_destroy(FacesSwapper *swapper);

/// Shows the network the face of `scene` that lies by `mesh`, with an identity. Writes its picture, 3 * side *
/// side samples, and where the scene's points lie in it.
FacesStatus faces_swapper_swap(FacesSwapper *swapper, FacesPicture scene, const FacesMesh *mesh,
                               const float *identity, FacesSwapForm form, uint8_t *samples, FacesMesh *there,
                               FacesMessage *message);

/// Runs the network on numbers as they are: 3 * side * side in and out.
FacesStatus faces_swapper_run(FacesSwapper *swapper, const float *picture, const float *identity, float *result,
                              FacesMessage *message);

/// A face that is followed from frame to frame. One thread at a time may use it.
typedef struct FacesFollower FacesFollower;

/// Begins to follow the face of `picture` that lies by `mesh`.
FacesStatus faces_follower_create(FacesPicture picture, const FacesMesh *mesh,
                                  FacesFollower *_Nullable *_Nonnull follower, FacesMessage *message);

/// Ends a follower.
void faces_follower_destroy(FacesFollower *follower);

/// Finds the face in the next frame, near where it was.
///
/// Writes its mesh, steadied: it stands while nothing but noise moves it, and keeps up with every real
/// movement. Where the frame shows the same bytes as the one before, it is the same mesh. `found` says
/// whether the face is still there.
FacesStatus faces_follower_follow(FacesFollower *follower, FacesFinder *finder, FacesPicture picture,
                                  FacesMesh *mesh, bool *found, FacesMessage *message);

/// How like the face of `picture` that lies by `mesh` is to the followed one, as it was seen last: 1 is the
/// same, two people are some 0.5 alike.
FacesStatus faces_follower_likeness(FacesFollower *follower, FacesPicture picture, const FacesMesh *mesh,
                                    double *likeness, FacesMessage *message);

/// Goes on with the same face somewhere else.
FacesStatus faces_follower_resume(FacesFollower *follower, FacesPicture picture, const FacesMesh *mesh,
                                  FacesMessage *message);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
