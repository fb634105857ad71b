<?php
/**
 * A product of MCI is written into the shop.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * One draft, written as a simple or a variable product. What is half written stays invisible (a draft of the editor)
 * and is finished by the repeat.
 */
class MCI_Product_Writer {

	/**
	 * What to write.
	 *
	 * @var MCI_Draft
	 */
	private $draft;

	/**
	 * The product.
	 *
	 * @var WC_Product
	 */
	private $product;

	/**
	 * Whether customers could buy it before: then its stock is told by itself, or a sale that MCI has not heard of yet
	 * would be undone.
	 *
	 * @var bool
	 */
	private $sold;

	/**
	 * What stock was set, by SKU.
	 *
	 * @var array<string,int>
	 */
	private $stock = array();

	/**
	 * Constructor.
	 *
	 * @param MCI_Draft       $draft   What to write.
	 * @param WC_Product|null $product What the shop has of it already.
	 */
	public function __construct( MCI_Draft $draft, $product ) {
		$this->draft   = $draft;
		$this->sold    = $product && 'publish' === $product->get_status();
		$type          = $draft->options ? 'variable' : 'simple';
		$class         = 'variable' === $type ? WC_Product_Variable::class : WC_Product_Simple::class;
		$this->product = $product && $product->get_type() === $type ? $product : new $class( $product ? $product->get_id() : 0 );
	}

	/**
	 * The product's id, once it was written.
	 *
	 * @return int
	 */
	public function product_id() {
		return $this->product->get_id();
	}

	/**
	 * The stock that was set, by SKU.
	 *
	 * @return array<string,int>
	 */
	public function stock() {
		return $this->stock;
	}

	/**
	 * Writes.
	 *
	 * @return array<string,int> Ids of the variants by SKU.
	 * @throws WC_Data_Exception What WooCommerce does not take.
	 */
	public function write() {
		$product = $this->product;
		$product->set_name( wp_strip_all_tags( $this->draft->title ) );
		$product->set_description( wp_kses_post( $this->draft->description() ) );
		$product->update_meta_data( MCI_Publish::REFERENCE, $this->draft->reference );
		$product->update_meta_data( '_mci_safety_html', wp_kses_post( $this->draft->safety_html ) );
		$this->set_categories();
		$this->set_attributes();
		if ( $product instanceof WC_Product_Variable ) {
			$product->set_sku( '' ); // The variants have them.
			if ( null !== $this->draft->variants[0]['tax_class'] ) {
				$product->set_tax_class( $this->draft->variants[0]['tax_class'] );
			}
			if ( ! $product->get_id() ) {
				$product->set_status( 'draft' );
			}
			$product->save();
			$this->set_brand();
			$ids = $this->write_variations();
			$product->set_status( 'publish' );
			$product->save();
			WC_Product_Variable::sync( $product->get_id() );
			return $ids;
		}
		$this->switch_off( array() ); // Were there variations, they are history.
		$variant = $this->draft->variants[0];
		$this->set_variant( $product, $variant );
		$product->set_status( 'publish' );
		$product->save();
		$this->set_brand();
		return array( $variant['sku'] => $product->get_id() );
	}

	/**
	 * The variations, each found by its id, else by its SKU within this product.
	 *
	 * @return array<string,int>
	 * @throws WC_Data_Exception What WooCommerce does not take.
	 */
	private function write_variations() {
		$ids = array();
		foreach ( $this->draft->variants as $place => $variant ) {
			$variation = $this->variation( $variant );
			$values    = array();
			foreach ( $this->draft->options as $option => $name ) {
				$values[ sanitize_title( $name ) ] = $variant['options'][ $option ];
			}
			$variation->set_attributes( $values );
			$variation->set_menu_order( $place );
			$this->set_variant( $variation, $variant );
			$variation->set_status( 'publish' );
			$ids[ $variant['sku'] ] = $variation->save();
		}
		$this->switch_off( array_values( $ids ) );
		return $ids;
	}

	/**
	 * The variation of a variant, or a new one.
	 *
	 * @param array<string,mixed> $variant The variant.
	 * @return WC_Product_Variation
	 */
	private function variation( array $variant ) {
		$parent = $this->product->get_id();
		foreach ( array( $variant['id'], '' === $variant['sku'] ? 0 : wc_get_product_id_by_sku( $variant['sku'] ) ) as $id ) {
			$found = $id ? wc_get_product( $id ) : null;
			if ( $found instanceof WC_Product_Variation && $found->get_parent_id() === $parent ) {
				return $found;
			}
		}
		$made = new WC_Product_Variation();
		$made->set_parent_id( $parent );
		return $made;
	}

	/**
	 * What simple products and variations have in common.
	 *
	 * @param WC_Product          $product Where.
	 * @param array<string,mixed> $variant What.
	 * @throws WC_Data_Exception What WooCommerce does not take.
	 */
	private function set_variant( WC_Product $product, array $variant ) {
		$product->set_sku( $variant['sku'] );
		if ( is_callable( array( $product, 'set_global_unique_id' ) ) ) { // From WooCommerce 9.2.
			$product->set_global_unique_id( $variant['ean'] );
		}
		$product->update_meta_data( '_mci_ean', $variant['ean'] );
		if ( null !== $variant['tax_class'] ) { // Before the price, which may depend on it.
			$product->set_tax_class( $variant['tax_class'] );
		}
		MCI_Levels::set_price( $product, $variant['price'], $variant['compare_at'] );
		$product->set_weight( $variant['weight_g'] ? (string) wc_get_weight( $variant['weight_g'], get_option( 'woocommerce_weight_unit' ), 'g' ) : '' );
		$product->set_manage_stock( true );
		$product->set_backorders( 'no' );
		if ( ! $this->sold || ! $product->get_id() || 'publish' !== $product->get_status( 'edit' ) || null === $product->get_stock_quantity( 'edit' ) ) {
			$product->set_stock_quantity( $variant['quantity'] );
			$this->stock[ $variant['sku'] ] = $variant['quantity'];
		}
	}

	/**
	 * Variants that the draft has no more are switched off: orders may still speak of them.
	 *
	 * @param int[] $kept Ids that stay.
	 */
	private function switch_off( array $kept ) {
		if ( ! $this->product->get_id() ) {
			return;
		}
		$children = get_posts(
			array(
				'post_type'      => 'product_variation',
				'post_parent'    => $this->product->get_id(),
				'post_status'    => array( 'publish' ),
				'posts_per_page' => -1,
				'fields'         => 'ids',
			)
		);
		foreach ( array_diff( $children, $kept ) as $id ) {
			$variation = wc_get_product( $id );
			if ( $variation ) {
				$variation->set_status( 'private' );
				if ( $this->product instanceof WC_Product_Simple ) {
					$variation->set_sku( '' ); // The product itself needs it now.
				}
				$variation->save();
			}
		}
	}

	/**
	 * The options as attributes of this product alone, and the brand where the shop has no place of its own for it.
	 * Attributes that the merchant added stay.
	 */
	private function set_attributes() {
		$attributes = array();
		foreach ( $this->draft->option_values() as $name => $values ) {
			$attributes[ sanitize_title( $name ) ] = self::attribute( $name, $values, true );
		}
		if ( '' !== $this->draft->brand && ! taxonomy_exists( 'product_brand' ) ) {
			$name = __( 'Brand', 'mci-connector' );

			$attributes[ sanitize_title( $name ) ] = self::attribute( $name, array( $this->draft->brand ), false );
		}
		foreach ( $this->product->get_attributes( 'edit' ) as $key => $attribute ) {
			if ( ! isset( $attributes[ $key ] ) && ! $attribute->get_variation() ) {
				$attributes[ $key ] = $attribute;
			}
		}
		$this->product->set_attributes( array_values( $attributes ) );
	}

	/**
	 * An attribute.
	 *
	 * @param string   $name   Its name.
	 * @param string[] $values What it can be.
	 * @param bool     $varies Whether variants differ by it.
	 * @return WC_Product_Attribute
	 */
	private static function attribute( $name, array $values, $varies ) {
		$attribute = new WC_Product_Attribute();
		$attribute->set_name( $name );
		$attribute->set_options( $values );
		$attribute->set_visible( true );
		$attribute->set_variation( $varies );
		return $attribute;
	}

	/**
	 * The brand, where WooCommerce has brands (from 9.6).
	 */
	private function set_brand() {
		if ( '' !== $this->draft->brand && taxonomy_exists( 'product_brand' ) ) {
			wp_set_object_terms( $this->product->get_id(), array( $this->draft->brand ), 'product_brand' );
		}
	}

	/**
	 * The category by its path, made where it is missing. What the merchant added stays; of ours only the newest.
	 */
	private function set_categories() {
		$term_id = $this->category();
		$before  = (int) $this->product->get_meta( '_mci_category' );
		if ( ! $term_id || $term_id === $before ) {
			return; // Nothing new to say: then the merchant may have moved it.
		}
		$ids = array_diff( $this->product->get_category_ids( 'edit' ), array( $before, (int) get_option( 'default_product_cat' ) ) );
		$this->product->set_category_ids( array_merge( $ids, array( $term_id ) ) );
		$this->product->update_meta_data( '_mci_category', (string) $term_id );
	}

	/**
	 * The last category of the path; 0: none.
	 *
	 * @return int
	 */
	private function category() {
		$parent = 0;
		foreach ( $this->draft->categories as $name ) {
			$found = term_exists( $name, 'product_cat', $parent );
			if ( ! $found ) {
				$found = wp_insert_term( $name, 'product_cat', array( 'parent' => $parent ) );
				if ( is_wp_error( $found ) ) {
					$other = (int) $found->get_error_data( 'term_exists' ); // Made by somebody else a moment ago.
					$found = $other ? array( 'term_id' => $other ) : null;
				}
			}
			if ( ! is_array( $found ) ) {
				break;
			}
			$parent = (int) $found['term_id'];
		}
		return $parent;
	}
}
