/// A pipeline that comes with Swapline, by name: what a shop asks for, prepared and checked.
package struct Preset: Sendable, Hashable {
  /// The name, such as `amazon-main`.
  package let name: String
  /// The pipeline file's text.
  package let text: String

  /// Every preset, by name.
  package static let all: [Preset] = [
    Preset("amazon-main", PackageResources.amazon_main_yaml),
    Preset("amazon-variants", PackageResources.amazon_variants_yaml),
    Preset("ebay", PackageResources.ebay_yaml),
    Preset("etsy", PackageResources.etsy_yaml),
    Preset("google", PackageResources.google_yaml),
    Preset("instagram-feed", PackageResources.instagram_feed_yaml),
    Preset("instagram-reel", PackageResources.instagram_reel_yaml),
    Preset("pinterest", PackageResources.pinterest_yaml),
    Preset("shopify", PackageResources.shopify_yaml),
    Preset("tiktok-shop", PackageResources.tiktok_shop_yaml),
    Preset("walmart", PackageResources.walmart_yaml),
    Preset("zalando", PackageResources.zalando_yaml),
  ]

  private init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// The preset called `name`; nil when there is none.
  package static func named(_ name: String) -> Preset? { all.first { $0.name == name } }
}
